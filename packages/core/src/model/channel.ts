import type { Clock } from './clock.ts';

/**
 * What carries text from one process to all others, as Pub/Sub does, and may lose it: settings only, nothing is opened
 * before the cache opens it. `channelBus` makes a bus of one.
 */
export interface Channel {
  readonly name: string;
  open(context: ChannelContext): OpenChannel;
}

/** What a channel is opened with. */
export interface ChannelContext {
  /** Messages of other namespaces are none of ours. */
  readonly namespace: string;
  readonly clock: Clock;
  /** Called with every message of the namespace, those of this process included; the messages of one process in their order. */
  receive(message: string): void;
  /** From now on messages are received, until `disconnected`. */
  connected(): void;
  /** Messages may be missed from now on, until `connected`. */
  disconnected(): void;
  /** Tells of a failure that no call in progress can carry, such as a lost connection. */
  report(error: unknown): void;
}

/** A channel that was opened. It connects in the background, and again whenever the connection is lost. */
export interface OpenChannel {
  /** Sends a message to every process that is connected. It may reject, hang, or be lost: receivers notice what they miss. */
  publish(message: string): Promise<void>;
  /** Gives the connection up for a new one: nothing has been heard for so long that it counts as frozen. */
  reset(): void;
  /** Ends the connection, without waiting for a server that does not answer. */
  close(): Promise<void>;
}
