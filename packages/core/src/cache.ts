import { closedError, Engine } from './engine/engine.ts';
import {
  checkTags,
  type Defaults,
  type Policy,
  policyOf,
  type PolicyOptions,
  policyRules,
  type ResourceOptions,
} from './engine/policy.ts';
import type { ResourceParts } from './engine/resource.ts';
import { SharedSegment } from './engine/shared-segment.ts';
import { SharedTier } from './engine/shared-tier.ts';
import type { Loader, Source } from './engine/source.ts';
import type { Strategy } from './engine/strategy.ts';
import { namespaceTag, resourceTag, TagClocks, userTag } from './engine/tag-clocks.ts';
import type { FarTier } from './engine/far-tier.ts';
import type { Clock } from './model/clock.ts';
import type { Duration } from './model/duration.ts';
import { CacheError } from './model/errors.ts';
import { type EventListener, type EventName, Events } from './model/events.ts';
import { adHocSegment, type Key } from './model/key.ts';
import { duration, func, having, identifier, parseOptions, required, withDefault } from './model/options.ts';
import type { Serializer } from './model/serializer.ts';
import type { Eviction, LocalSegment, LocalSpace, LocalStore, SharedStore, StoreContext } from './model/store.ts';

export interface CacheSettings {
  readonly namespace: string;
  readonly version: number;
  readonly local: LocalStore | undefined;
  readonly shared: SharedStore | undefined;
  readonly defaults: Defaults;
  readonly maxLocalStaleness: number;
  readonly serializer: Serializer;
  readonly clock: Clock;
  readonly random: () => number;
}

/** What `close` brought to its end. */
export interface CloseReport {
  /** How many write-behind writes the source has not got; with a ledger in memory they are lost. */
  readonly unwritten: number;
}

/** Resources over shared tiers, one namespace, one clock. Made by `createCache`. */
export class Cache {
  readonly namespace: string;
  readonly #settings: CacheSettings;
  readonly #events = new Events();
  readonly #tags: TagClocks;
  readonly #local: LocalSpace | undefined;
  readonly #shared: SharedTier | undefined;
  readonly #engines = new Map<string, Pick<Engine<Key>, 'close' | 'detachLoads'>>();
  readonly #drains: ((ms: number) => Promise<number>)[] = [];
  readonly #adHoc: Engine<Key>;
  #closing = false;

  /** @internal Use `createCache`, which checks what is given. */
  constructor(settings: CacheSettings) {
    const { namespace, clock, local, shared } = settings;
    this.namespace = namespace;
    this.#settings = settings;
    this.#tags = new TagClocks(clock);
    this.#local = local?.open(this.#storeContext(local.name));
    this.#shared = shared === undefined ? undefined : this.#openShared(shared);
    this.#adHoc = this.#engine(
      '(ad hoc)',
      adHocSegment,
      adHocPolicy(settings.defaults),
      this.#sharedSegment(adHocSegment),
    );
  }

  /**
   * Declares a resource: what is cached under this name, and by which strategy. Its methods follow the strategy.
   *
   * @throws CacheError `DUPLICATE_RESOURCE`, `INVALID_OPTION`, `CLOSED`.
   */
  resource<R>(name: string, strategy: Strategy<R>): R {
    this.#checkOpen();
    identifier(name, 'cache.resource: the name');
    const where = `cache.resource('${name}')`;
    having<Strategy<R>>('a strategy, such as cacheAside({ load })', 'open')(strategy, `${where}: the strategy`);
    if (this.#engines.has(name)) {
      const sentence = `there is a resource '${name}' already; declare it once and share it, or name this one differently`;
      throw new CacheError('DUPLICATE_RESOURCE', sentence, { resource: name });
    }
    const { clock, random } = this.#settings;
    return strategy.open({
      name,
      clock,
      random,
      events: this.#events,
      onClose: (drain) => this.#drains.push(drain),
      parts: <K extends Key>(
        options: PolicyOptions,
        source: Source<K>,
        behind?: (far: FarTier | undefined) => FarTier,
      ): ResourceParts<K> => {
        const shared = this.#sharedSegment(name);
        const far = behind === undefined ? shared : behind(shared);
        const engine = this.#engine<K>(name, name, policyOf(where, options, this.#settings.defaults), far);
        this.#engines.set(name, engine);
        return { engine, source, clear: () => this.#invalidate([resourceTag(name)]) };
      },
    });
  }

  /**
   * The value of an ad hoc key, loaded by `load` if no tier has a fresh one. Ad hoc keys and resources never meet.
   *
   * Rejects with what `load` threw, or with a `CacheError`: `INVALID_KEY`, `INVALID_OPTION`, `CLOSED`.
   */
  getOrSet<V>(key: Key, load: Loader<Key, V>, options?: GetOrSetOptions<V>): Promise<V> {
    return (this.#adHoc.hit(key) ?? this.#loadAdHoc(key, load, options)) as Promise<V>;
  }

  /** Deletes an ad hoc key in all tiers; see `Resource.evict`. */
  evict(key: Key): Promise<Eviction> {
    return this.#adHoc.evict(key);
  }

  /** Invalidates every entry, of whatever resource, that has one of the tags. Resolves once every tier has heard of it. */
  async invalidateTags(...tags: string[]): Promise<Eviction> {
    return this.#invalidate(checkTags(tags, 'cache.invalidateTags').map(userTag));
  }

  /** Forgets all that is cached in this namespace, in constant time. What write-behind has yet to write stays. */
  async clear(): Promise<Eviction> {
    return this.#invalidate([namespaceTag]);
  }

  /** Listens to what the cache tells of itself, until the returned function is called. */
  on<N extends EventName>(name: N, listener: EventListener<N>): () => void {
    return this.#events.on(name, listener);
  }

  /** Resolves once the shared tier answers, for those who want to wait for it; rejects after `timeout`, by default `'5s'`. */
  async ready(options?: { timeout?: Duration }): Promise<void> {
    const { timeout } = parseOptions('cache.ready', options, { timeout: withDefault(duration, 5_000) });
    this.#checkOpen();
    await this.#shared?.ready(timeout);
  }

  /**
   * Brings write-behind writes to the source, for at most `timeout` (by default `'10s'`), then ends all connections and
   * timers. Everything rejects from then on, a second `close` too.
   */
  async close(options?: { timeout?: Duration }): Promise<CloseReport> {
    const { timeout } = parseOptions('cache.close', options, { timeout: withDefault(duration, 10_000) });
    this.#checkOpen();
    this.#closing = true;
    for (const engine of this.#engines.values()) engine.close();
    this.#adHoc.close();
    const left = await Promise.all(this.#drains.map((drain) => drain(timeout)));
    try {
      this.#local?.close();
    } finally {
      await this.#shared?.close();
    }
    return { unwritten: left.reduce((sum, count) => sum + count, 0) };
  }

  async #loadAdHoc<V>(key: Key, load: Loader<Key, V>, options: GetOrSetOptions<V> | undefined): Promise<unknown> {
    const rules = {
      load: required(func<Loader<Key, V>>(), "a loader as the second argument: getOrSet('report', () => …)"),
    };
    const source = parseOptions('cache.getOrSet', { load }, rules);
    const policy = adHocPolicy(this.#settings.defaults, options);
    return this.#adHoc.miss(key, source, policy);
  }

  async #invalidate(tags: readonly string[]): Promise<Eviction> {
    this.#checkOpen();
    if (this.#shared === undefined) this.#tags.invalidateLocally(tags);
    const told = this.#shared === undefined ? 'done' : this.#shared.invalidate(tags);
    // Whoever asks from now on must not be given what was loaded before.
    for (const engine of [this.#adHoc, ...this.#engines.values()]) engine.detachLoads();
    return told;
  }

  #engine<K extends Key>(resource: string, segment: string, policy: Policy, far: FarTier | undefined): Engine<K> {
    const { clock, random } = this.#settings;
    const local = this.#local?.segment(segment) ?? nothingHeld;
    return new Engine<K>({
      resource,
      segment,
      policy,
      local,
      far,
      tags: this.#tags,
      clock,
      random,
      events: this.#events,
    });
  }

  #sharedSegment(name: string): FarTier | undefined {
    return this.#shared === undefined ? undefined : new SharedSegment(this.#shared, name);
  }

  #openShared(store: SharedStore): SharedTier {
    const { clock, serializer, version, maxLocalStaleness } = this.#settings;
    const space = store.open(this.#storeContext(store.name));
    const [events, tags] = [this.#events, this.#tags];
    return new SharedTier({ store, space, clock, events, serializer, version, tags, localTrust: maxLocalStaleness });
  }

  #storeContext(store: string): StoreContext {
    const { namespace, clock } = this.#settings;
    return { namespace, clock, report: (error) => this.#events.emit('storeError', { store, error }) };
  }

  #checkOpen(): void {
    if (this.#closing) throw closedError();
  }
}

/** What `getOrSet` can be told for one value. */
export type GetOrSetOptions<V> = Pick<ResourceOptions<Key, V>, 'ttl' | 'negativeTtl' | 'jitter' | 'tags'>;

function adHocPolicy(defaults: Defaults, options?: unknown): Policy {
  const { ttl, negativeTtl, jitter, tags } = policyRules;
  const parsed = parseOptions('cache.getOrSet', options, { ttl, negativeTtl, jitter, tags });
  const rest = { isolation: undefined, revive: undefined, dehydrate: undefined };
  return policyOf('cache.getOrSet', { ...parsed, ...rest }, defaults);
}

/** The memory of a cache that has none. */
const nothingHeld: LocalSegment = {
  size: 0,
  get: () => undefined,
  set: () => undefined,
  delete: () => undefined,
};
