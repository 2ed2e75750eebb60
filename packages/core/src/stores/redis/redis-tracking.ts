import type { Bus, BusContext, OpenBus } from '../../model/bus.ts';
import type { Timer } from '../../model/clock.ts';
import { invalid, parseOptions } from '../../model/options.ts';
import { addressRules, kindOfAddress, type RedisAddress } from './address.ts';
import type { ClientKind, TrackingClient } from './clients/own-client.ts';
import { type Changed, KeySpace } from './key-space.ts';
import { Listener } from './listener.ts';

/**
 * Has Redis itself tell of changed keys (`CLIENT TRACKING … BCAST`, Redis 6.0 or newer), whoever changes them, be it
 * redis-cli: a bus to give to `createCache({ bus })`, on one connection of its own. Give it the same address as the store:
 * a single server, by node-redis or ioredis, or Sentinel by ioredis.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`, the latter for clusters and for sentinels of node-redis too.
 */
export function redisTracking(options: RedisAddress): Bus {
  const { makeTracking } = kindOfAddress('redisTracking', parseOptions('redisTracking', options, addressRules));
  if (makeTracking === undefined) {
    const sentence = 'cannot follow this client, which does not pass on what its servers tell of changed keys';
    throw invalid('redisTracking: client', `${sentence}; use redisBus({ client })`);
  }
  return { name: 'redis tracking', tells: 'stored', open: (context) => new RedisTracking(makeTracking, context) };
}

/** The connection is asked so often within the time that a change may go unheard of. */
const beatsWithinStaleness = 4;

class RedisTracking implements OpenBus {
  readonly #context: BusContext;
  readonly #keys: KeySpace;
  readonly #listener: Listener<TrackingClient>;
  /** Which is listened to. */
  #client: TrackingClient | undefined;
  #beat: Timer | undefined;

  constructor(make: NonNullable<ClientKind['makeTracking']>, context: BusContext) {
    const { clock, namespace } = context;
    this.#context = context;
    this.#keys = new KeySpace(namespace);
    this.#listener = new Listener({
      make,
      clock,
      listen: (client, hears) =>
        client.track(this.#keys.prefix, (keys) => {
          if (hears()) this.#tell(keys);
        }),
      connected: (client) => {
        this.#client = client;
        context.listening();
        this.#goOn(client);
      },
      disconnected: () => {
        this.#client = undefined;
        this.#beat?.cancel();
        context.lost();
      },
      report: (error) => context.report(error),
    });
  }

  /** Redis tells of it, this process included. */
  announce(): void {}

  announceTags(): void {}

  reset(): void {
    this.#listener.reset();
  }

  async close(): Promise<void> {
    this.#beat?.cancel();
    this.#listener.close();
  }

  #tell(keys: readonly string[] | null): void {
    // All keys of the server at once: tags among them, and values that others hold in memory.
    if (keys === null) return this.#context.missed('gap');
    const changed = keys.map((key) => this.#keys.changedBy(key));
    const addresses = changed.filter((each): each is Changed & { kind: 'value' } => each?.kind === 'value');
    if (addresses.length > 0) this.#context.touched(addresses.map(({ address }) => address));
    if (changed.some((each) => each?.kind === 'tags')) this.#context.tagsTouched();
  }

  #goOn(client: TrackingClient): void {
    const { clock, staleness } = this.#context;
    this.#beat = clock.setTimer(staleness / beatsWithinStaleness, () => this.#goOn(client), true);
    const sentAt = clock.elapsed();
    // Redis tells of changes at the end of a turn of its event loop, after the replies of that turn: what had been
    // changed when the first one was answered has been told of when the second one is.
    const answered = client.ping().then(() => client.ping());
    answered.then(
      () => {
        if (client === this.#client) this.#context.heard(sentAt);
      },
      () => undefined,
    );
  }
}
