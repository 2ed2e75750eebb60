/** A command with its arguments, as Redis takes them. */
export type Command = readonly (string | Buffer)[];

/** A connection of our own to Redis, whatever library makes it. */
export interface OwnConnection {
  /** Resolves once commands can be sent. It may hang, where a server that takes connections does not answer. */
  connect(): Promise<unknown>;
  /** Ends every connection at once, also those that are being made, and rejects what is under way. */
  destroy(): void;
}

/** What the store and the bus need of a connection, and nothing else. */
export interface OwnClient extends OwnConnection {
  /** Sends one command, all of whose keys are in the slot of `key`, to the master; bulk strings come back as Buffers. */
  send(key: string, command: Command): Promise<unknown>;
  /** Has every message on the channel heard, once it has resolved; a client that subscribes sends nothing else. */
  subscribe(channel: string, heard: (message: string) => void): Promise<unknown>;
}

/** A connection on which the server tells of changed keys, and nothing else is done. */
export interface TrackingClient extends OwnConnection {
  /** Has every change of a key with that prefix heard, once it has resolved; `null` is a change of all of them. */
  track(prefix: string, heard: (keys: readonly string[] | null) => void): Promise<unknown>;
  /** Resolves once the server answers. */
  ping(): Promise<unknown>;
}

/** Who a client of our own turns to when no command in progress can carry it. */
export interface Owner {
  failed(error: unknown): void;
  /** The connection that is listened to was lost: it may come back by itself, but what was said meanwhile was not heard. */
  lost(): void;
  /** The client has tried in vain for so long that a new one would do better. */
  tired(): void;
}

/** How connections of our own are made. */
export interface ClientKind {
  /** Whether keys are spread over many masters, so that one command takes the keys of one slot only. */
  readonly sharded: boolean;
  /** Makes a client that is not connected yet. */
  make(owner: Owner): OwnClient | Promise<OwnClient>;
  /** The same for one that tracks; missing where the library does not pass on what it is told, or not of every master. */
  readonly makeTracking?: (owner: Owner) => TrackingClient | Promise<TrackingClient>;
}

/** Milliseconds before the next attempt: soon, as a dead Redis may be back at any moment, and for ever. */
export function retryDelay(attempt: number): number {
  return Math.min(25 * 2 ** Math.min(attempt, 4), 250);
}

/** Milliseconds for a connection to be made. */
export const connectTimeout = 2_000;
