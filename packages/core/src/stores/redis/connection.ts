import { CacheError } from '../../model/errors.ts';
import { invalid } from '../../model/options.ts';

/** The part of a node-redis client that is used: another copy of the package, or a fork, fits as well. */
export interface RedisClientLike {
  readonly options?: { readonly socket?: object } | undefined;
  connect(): Promise<unknown>;
  destroy(): void;
  duplicate(overrides?: object): RedisClientLike;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  sendCommand(args: readonly (string | Buffer)[], options?: object): Promise<unknown>;
}

/** Where Redis is. */
export interface RedisAddress {
  /** `redis://…` or, over TLS, `rediss://…`, with user and password if need be. */
  url?: string;
  /** A node-redis client to take the settings of. Connections of our own are made; this one is neither used nor closed. */
  client?: RedisClientLike;
}

// No offline queue and a bounded one: what cannot be sent now is to fail now. The default strategy gives up for good.
const settings = { disableOfflineQueue: true, commandsQueueMaxLength: 20_000, maintNotifications: 'disabled' } as const;
const socket = {
  connectTimeout: 2_000,
  reconnectStrategy: (retries: number): number => Math.min(25 * 2 ** Math.min(retries, 4), 250),
};
const bulkString = 36;
const replies = { typeMapping: { [bulkString]: Buffer } };

/**
 * A connection of our own. It opens in the background, opens again when it is lost, and can be given up for a new one:
 * to a frozen server node-redis would go on queueing, and no time-out of its own covers what is already sent.
 */
export class RedisConnection {
  readonly #make: () => Promise<RedisClientLike>;
  readonly #report: (error: unknown) => void;
  #opening: Promise<RedisClientLike>;
  /** The newest client, and the connected one: the same, but while it connects. */
  #current: RedisClientLike | undefined;
  #connected: RedisClientLike | undefined;
  #turn = 0;

  constructor(make: () => Promise<RedisClientLike>, report: (error: unknown) => void) {
    this.#make = make;
    this.#report = report;
    this.#opening = this.#open();
  }

  /** Sends one command; bulk strings of the reply are Buffers. Commands of one turn leave in one write. */
  async command(args: readonly (string | Buffer)[]): Promise<unknown> {
    const client = this.#connected ?? (await this.#opening);
    try {
      return await client.sendCommand(args, replies);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      throw new CacheError('STORE_REFUSED', error.message, { cause: error, store: 'redis' });
    }
  }

  /** Rejects all that is under way, and connects anew. */
  reset(): void {
    this.#drop();
    this.#opening = this.#open();
  }

  close(): void {
    this.#drop();
    this.#opening = Promise.reject(new CacheError('CLOSED', 'the connection to Redis is closed'));
    this.#opening.catch(() => undefined);
  }

  #open(): Promise<RedisClientLike> {
    const turn = this.#turn;
    const opening = this.#connect(turn);
    opening.catch((error: unknown) => {
      if (turn === this.#turn) this.#report(error);
    });
    return opening;
  }

  async #connect(turn: number): Promise<RedisClientLike> {
    const client = await this.#make();
    if (turn !== this.#turn) throw new CacheError('CLOSED', 'the connection to Redis was given up');
    // Without a listener for 'error' the process would end.
    client.on('error', this.#report);
    this.#current = client;
    await client.connect();
    if (turn === this.#turn) this.#connected = client;
    return client;
  }

  #drop(): void {
    this.#turn += 1;
    const client = this.#current;
    this.#current = undefined;
    this.#connected = undefined;
    try {
      client?.destroy();
    } catch {
      // It was closed already: there is nothing left to end.
    }
  }
}

/**
 * An error that Redis replied with, unlike one of the connection; such replies begin with a code in capitals. Those
 * that say "not now, whatever you ask" count as an outage.
 */
function isRefusal(error: unknown): error is Error {
  return error instanceof Error && /^(?!LOADING|BUSY|MASTERDOWN|CLUSTERDOWN)[A-Z]{2,} /.test(error.message);
}

/** Makes the clients of a connection: by the address, with settings of our own. */
export function clientMaker({ url, client }: RedisAddress): () => Promise<RedisClientLike> {
  if (client !== undefined) {
    return async () => client.duplicate({ ...settings, socket: { ...client.options?.socket, ...socket } });
  }
  return async () => {
    // Loaded here and not above, so that who brings a client of another package need not install this one.
    const { createClient } = await import('redis').catch((cause: unknown) => {
      const sentence = "redisStore({ url }) needs the package 'redis'; install redis@6";
      throw new CacheError('MISSING_PACKAGE', sentence, { cause });
    });
    return createClient({ ...settings, url: url!, socket: { ...socket } });
  };
}

/** @throws CacheError `INVALID_OPTION` unless there is exactly one way to find Redis. */
export function checkAddress(owner: string, { url, client }: { url: unknown; client: unknown }): void {
  if ((url === undefined) === (client === undefined)) {
    throw invalid(owner, "needs either `url`, such as 'redis://localhost:6379', or `client`, a node-redis client");
  }
  // The URL itself may hold a password, and is not repeated.
  if (url !== undefined && (typeof url !== 'string' || !/^rediss?:\/\//.test(url) || !URL.canParse(url))) {
    throw invalid(`${owner}: url`, "must begin with 'redis://' or 'rediss://', such as 'redis://localhost:6379'");
  }
}
