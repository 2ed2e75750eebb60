import type { Clock } from '../../model/clock.ts';
import { CacheError, messageOf } from '../../model/errors.ts';
import type { ClientKind, Command, OwnClient } from './clients/own-client.ts';
import { Patience } from './patience.ts';
import { isRefusal } from './refusal.ts';
import { Term } from './term.ts';

const mostWaiting = 20_000;
const leastPatience = 1_000;

export interface RedisConnectionOptions {
  readonly kind: ClientKind;
  readonly clock: Clock;
  /** The most milliseconds that a caller waits for a reply. */
  readonly deadline: number;
  report(error: unknown): void;
}

/** As much of a connection as those need who only send commands. */
export type RedisCommands = Pick<RedisConnection, 'command' | 'sharded'>;

/**
 * A connection of our own. It opens in the background, opens again when it is lost, and can be given up for a new one:
 * to a frozen server a client would go on sending, and no time-out of its own covers what is already sent.
 */
export class RedisConnection {
  readonly #options: RedisConnectionOptions;
  readonly #patience: Patience;
  #term: Term<OwnClient>;
  #closed = false;

  constructor(options: RedisConnectionOptions) {
    const { clock, deadline } = options;
    this.#options = options;
    this.#patience = new Patience(clock, Math.max(leastPatience, 2 * deadline), () => this.reset());
    this.#term = this.#begin();
  }

  /** Whether a command takes the keys of one slot only. */
  get sharded(): boolean {
    return this.#options.kind.sharded;
  }

  /**
   * Sends one command, all of whose keys are in the slot of `key`; bulk strings of the reply are Buffers. Commands of
   * one turn leave in one write.
   */
  async command(key: string, command: Command): Promise<unknown> {
    if (this.#patience.waiting >= mostWaiting) throw new Error(`${mostWaiting} commands wait for Redis already`);
    const batch = this.#patience.begin();
    try {
      const client = this.#term.connected ?? (await this.#connected());
      return await client.send(key, command);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      throw new CacheError('STORE_REFUSED', error.message, { cause: error, store: 'redis' });
    } finally {
      batch.waiting -= 1;
    }
  }

  /** Rejects all that is under way, and connects anew. */
  reset(): void {
    if (this.#closed) return;
    const given = this.#term;
    this.#patience.restart();
    this.#term = this.#begin();
    given.end(new Error('the connection to Redis was given up for a new one'));
  }

  close(): void {
    this.#closed = true;
    this.#patience.restart();
    this.#term.end(new CacheError('CLOSED', 'the connection to Redis is closed'));
  }

  async #connected(): Promise<OwnClient> {
    try {
      return await this.#term.client();
    } catch (error) {
      if (error instanceof CacheError) throw error;
      const sentence = `redis is not connected: ${messageOf(error)}`;
      throw new CacheError('STORE_UNAVAILABLE', sentence, { cause: error, store: 'redis' });
    }
  }

  #begin(): Term<OwnClient> {
    const { kind, clock } = this.#options;
    const owner = {
      failed: (error: unknown): void => this.#options.report(error),
      // Nothing is listened to here.
      lost: () => undefined,
      tired: () => this.reset(),
    };
    return new Term({ make: (own) => kind.make(own), clock, owner });
  }
}
