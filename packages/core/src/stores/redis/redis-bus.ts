import type { Bus, BusContext, OpenBus } from '../../model/bus.ts';
import type { Timer } from '../../model/clock.ts';
import { parseOptions } from '../../model/options.ts';
import { kindOfAddress, type RedisAddress } from './address.ts';
import type { ClientKind } from './clients/own-client.ts';
import { RedisConnection } from './connection.ts';
import { Term } from './term.ts';

/**
 * Carries word of changes over the channel `<namespace>:bus` of Redis Pub/Sub, on two connections of its own: a frozen
 * one is given up, a lost one made anew. Give it the same address as the store.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`.
 */
export function redisBus(options: RedisAddress): Bus {
  const { url, client } = parseOptions('redisBus', options, { url: (value) => value, client: (value) => value });
  const kind = kindOfAddress('redisBus', { url, client });
  return { name: 'redis bus', open: (context) => new RedisBus(kind, context) };
}

/** Milliseconds for a connection to be made and the channel subscribed to: a frozen server takes connections too. */
const patience = 5_000;
/** The most that a message waits to be sent. */
const deadline = 500;

class RedisBus implements OpenBus {
  readonly #kind: ClientKind;
  readonly #context: BusContext;
  readonly #channel: string;
  readonly #publishing: RedisConnection;
  #term: Term;
  #subscribed = false;
  #impatience: Timer | undefined;
  #closed = false;

  constructor(kind: ClientKind, context: BusContext) {
    this.#kind = kind;
    this.#context = context;
    this.#channel = `${context.namespace}:bus`;
    const { clock } = context;
    this.#publishing = new RedisConnection({ kind, clock, deadline, report: (error) => context.report(error) });
    this.#term = this.#begin();
  }

  async publish(message: string): Promise<void> {
    await this.#publishing.command(this.#channel, ['PUBLISH', this.#channel, message]);
  }

  reset(): void {
    if (this.#closed) return;
    const given = this.#term;
    this.#lose();
    this.#term = this.#begin();
    given.end(new Error('the subscription was given up for a new one'));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#impatience?.cancel();
    this.#publishing.close();
    this.#term.end(new Error('the bus is closed'));
  }

  #begin(): Term {
    const { clock } = this.#context;
    const owner = {
      failed: (error: unknown): void => {
        this.#context.report(error);
        // A lost connection subscribes again by itself, but tells nothing of what was said meanwhile. Of a cluster any
        // node may fail, be it one that has nothing to do with the channel: a gap shows whether it had.
        if (this.#subscribed && !this.#kind.sharded) this.reset();
      },
      tired: () => this.reset(),
    };
    const term = new Term({ kind: this.#kind, clock, owner });
    this.#impatience?.cancel();
    this.#impatience = clock.setTimer(patience, () => this.reset(), true);
    this.#subscribe(term).catch(() => undefined);
    return term;
  }

  async #subscribe(term: Term): Promise<void> {
    const client = await term.opened;
    await client.subscribe(this.#channel, (message) => {
      if (term === this.#term && this.#subscribed) this.#context.receive(message);
    });
    if (term !== this.#term || this.#closed) return;
    this.#impatience?.cancel();
    this.#subscribed = true;
    this.#context.connected();
  }

  #lose(): void {
    if (!this.#subscribed) return;
    this.#subscribed = false;
    this.#context.disconnected();
  }
}
