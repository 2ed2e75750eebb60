import { channelBus } from '../../layers/channel-bus.ts';
import type { Bus } from '../../model/bus.ts';
import type { ChannelContext, OpenChannel } from '../../model/channel.ts';
import { parseOptions } from '../../model/options.ts';
import { addressRules, kindOfAddress, type RedisAddress } from './address.ts';
import type { ClientKind, OwnClient } from './clients/own-client.ts';
import { RedisConnection } from './connection.ts';
import { Listener } from './listener.ts';

/**
 * Carries word of changes over the channel `<namespace>:bus` of Redis Pub/Sub, on two connections of its own: a frozen
 * one is given up, a lost one made anew. Give it the same address as the store.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`.
 */
export function redisBus(options: RedisAddress): Bus {
  const kind = kindOfAddress('redisBus', parseOptions('redisBus', options, addressRules));
  return channelBus({ name: 'redis bus', open: (context) => new RedisChannel(kind, context) });
}

/** The most that a message waits to be sent. */
const deadline = 500;

class RedisChannel implements OpenChannel {
  readonly #channel: string;
  readonly #publishing: RedisConnection;
  readonly #listener: Listener<OwnClient>;

  constructor(kind: ClientKind, context: ChannelContext) {
    const { clock, namespace } = context;
    const report = (error: unknown): void => context.report(error);
    this.#channel = `${namespace}:bus`;
    this.#publishing = new RedisConnection({ kind, clock, deadline, report });
    this.#listener = new Listener({
      make: (owner) => kind.make(owner),
      clock,
      listen: (client, hears) =>
        client.subscribe(this.#channel, (message) => {
          if (hears()) context.receive(message);
        }),
      connected: () => context.connected(),
      disconnected: () => context.disconnected(),
      report,
    });
  }

  async publish(message: string): Promise<void> {
    await this.#publishing.command(this.#channel, ['PUBLISH', this.#channel, message]);
  }

  reset(): void {
    this.#listener.reset();
  }

  async close(): Promise<void> {
    this.#publishing.close();
    this.#listener.close();
  }
}
