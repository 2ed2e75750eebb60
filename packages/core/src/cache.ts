import type { Counters, OutagePolicy } from './engine/counting.ts';
import type { Engine, ResourceStats } from './engine/engine.ts';
import { type CacheHealth, Namespace, type NamespaceSettings } from './engine/namespace.ts';
import {
  checkTags,
  type Defaults,
  type FreshnessOptions,
  freshnessRules,
  policyOf,
  type PolicyOptions,
  policyRules,
  type ResourceOptions,
} from './engine/policy.ts';
import { type ReadOptions, readRules } from './engine/read-options.ts';
import type { Records } from './engine/records.ts';
import { closedError } from './engine/scope.ts';
import type { Loader, Source } from './engine/source.ts';
import type { Behind, Strategy } from './engine/strategy.ts';
import { namespaceTag, resourceTag, userTag } from './engine/tag-clocks.ts';
import type { Clock } from './model/clock.ts';
import type { Duration } from './model/duration.ts';
import { CacheError } from './model/errors.ts';
import { type EventListener, type EventName, Events } from './model/events.ts';
import { adHocSegment, type Key } from './model/key.ts';
import { duration, func, having, identifier, oneOf, parseOptions, required, withDefault } from './model/options.ts';
import type { Eviction } from './model/store.ts';
import { MemoryCounters } from './stores/memory/memory-counters.ts';
import { MemoryRecords } from './stores/memory/memory-records.ts';

export interface CacheSettings extends Omit<NamespaceSettings, 'events'> {
  readonly defaults: Defaults;
}

/** How the counters of one name are kept. */
export interface CountersOptions {
  /** What becomes of hits while the shared tier does not answer. Default `'local'`. */
  onOutage?: OutagePolicy;
}

const countersRules = { onOutage: withDefault(oneOf<OutagePolicy>('open', 'closed', 'local'), 'local') };

/** What happened in a cache since it was made. */
export interface CacheStats {
  /** By the name of the resource. */
  readonly resources: Readonly<Record<string, ResourceStats>>;
  /** Of all keys of `getOrSet` together. */
  readonly adHoc: ResourceStats;
}

/** What `close` brought to its end. */
export interface CloseReport {
  /**
   * How many write-behind writes the source has not got; with a ledger in memory they are lost. Dead letters are not
   * among them: the event `deadLetter` has told of each.
   */
  readonly unwritten: number;
}

/** Resources over shared tiers, one namespace, one clock. Made by `createCache`. */
export class Cache {
  readonly namespace: string;
  readonly #settings: CacheSettings;
  readonly #events = new Events();
  readonly #space: Namespace;
  readonly #drains: ((ms: number) => Promise<number>)[] = [];
  readonly #adHoc: Engine<Key>;
  /** Records and counters in this process. */
  readonly #ownSpaces = new Map<string, { close(): void }>();
  #closing = false;

  /** @internal Use `createCache`, which checks what is given. */
  constructor(settings: CacheSettings) {
    this.namespace = settings.namespace;
    this.#settings = settings;
    this.#space = new Namespace({ ...settings, events: this.#events });
    const policy = policyOf('createCache', {}, settings.defaults);
    this.#adHoc = this.#space.open<Key>('(ad hoc)', adHocSegment, policy).engine;
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
    if (this.#space.has(name)) {
      const sentence = `there is a resource '${name}' already; declare it once and share it, or name this one differently`;
      throw new CacheError('DUPLICATE_RESOURCE', sentence, { resource: name });
    }
    const { namespace, clock, random, serializer } = this.#settings;
    return strategy.open({
      namespace,
      name,
      serializer,
      clock,
      random,
      events: this.#events,
      onClose: (drain) => this.#drains.push(drain),
      parts: <K extends Key>(options: PolicyOptions, source: Source<K>, behind?: Behind) => {
        const policy = policyOf(where, options, this.#settings.defaults);
        const { engine, shared } = this.#space.open<K>(name, name, policy, behind);
        return { engine, source, shared, clear: () => this.#invalidate([resourceTag(name)]) };
      },
    });
  }

  /**
   * The value of an ad hoc key, loaded by `load` if no tier has a fresh one. Ad hoc keys and resources never meet.
   *
   * Rejects with what `load` threw, or with a `CacheError`: `LOAD_TIMEOUT`, `INVALID_KEY`, `INVALID_OPTION`, `CLOSED`.
   */
  getOrSet<V>(key: Key, load: Loader<Key, V>, options?: GetOrSetOptions<V>): Promise<V> {
    const asksMore = options?.fresh !== undefined || options?.signal !== undefined;
    // The options of a call that need not load are not even read.
    const there = asksMore ? undefined : (this.#adHoc.hit(key) ?? this.#adHoc.join(key));
    return (there ?? this.#askAdHoc(key, load, options)) as Promise<V>;
  }

  /** Deletes an ad hoc key in all tiers; see `Resource.evict`. */
  evict(key: Key): Promise<Eviction> {
    return this.#adHoc.evict(key);
  }

  /** Invalidates every entry, of whatever resource, that has one of the tags. Resolves once every tier has heard of it. */
  async invalidateTags(...tags: string[]): Promise<Eviction> {
    return this.#invalidate(checkTags(tags, 'cache.invalidateTags', 'arguments').map(userTag));
  }

  /** Forgets all that is cached in this namespace, in constant time. What write-behind has yet to write stays. */
  async clear(): Promise<Eviction> {
    return this.#invalidate([namespaceTag]);
  }

  /**
   * Records of this cache, under a name that all processes share: bytes that are set and deleted outright and never
   * served from memory, such as sessions. Without a shared tier they are in this process alone.
   *
   * @throws CacheError `INVALID_OPTION` for a store that keeps none; `CLOSED`.
   */
  records(name: string): Records {
    this.#checkOpen();
    identifier(name, 'cache.records: the name');
    return this.#space.records(name, () => this.#own(`records ${name}`, (clock) => new MemoryRecords(clock)));
  }

  /**
   * Counters of this cache, under a name that all processes share, for limits such as a hundred hits a minute. Without
   * a shared tier they are in this process alone.
   *
   * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`, `CLOSED`.
   */
  counters(name: string, options?: CountersOptions): Counters {
    this.#checkOpen();
    identifier(name, 'cache.counters: the name');
    const { onOutage } = parseOptions('cache.counters', options, countersRules);
    const local = this.#own(`counters ${name}`, (clock) => new MemoryCounters(clock));
    return this.#space.counters(name, onOutage, local);
  }

  /** False while reads pass by all tiers; see `disable`. */
  get enabled(): boolean {
    return this.#space.enabled;
  }

  /**
   * The kill switch: from now on every read asks the source, and nothing is kept. Callers of one key still share a load;
   * evictions and changes still reach every tier, so that nothing is out of date after `enable`.
   */
  disable(): void {
    this.#space.enabled = false;
  }

  /** Ends what `disable` began. */
  enable(): void {
    this.#space.enabled = true;
  }

  /** What happened to the reads of each resource since the cache was made, and what memory holds of it. */
  stats(): CacheStats {
    const { [adHocSegment]: _adHoc, ...resources } = this.#space.stats();
    return { resources, adHoc: this.#adHoc.stats() };
  }

  /** How the tiers behind memory are, for a health check. It asks nobody, and so never waits. */
  health(): CacheHealth {
    return this.#space.health();
  }

  /**
   * Listens to what the cache tells of itself, until the returned function is called.
   *
   * @throws CacheError `UNKNOWN_OPTION` for an event that does not exist, `INVALID_OPTION` for a listener that is none.
   */
  on<N extends EventName>(name: N, listener: EventListener<N>): () => void {
    return this.#events.on(name, listener);
  }

  /** Resolves once the shared tier answers, for those who want to wait for it; rejects after `timeout`, by default `'5s'`. */
  async ready(options?: { timeout?: Duration }): Promise<void> {
    const { timeout } = parseOptions('cache.ready', options, { timeout: withDefault(duration, 5_000) });
    this.#checkOpen();
    await this.#space.ready(timeout);
  }

  /**
   * Waits for loads and changes under way and brings write-behind writes to the source, for at most `timeout` (by default `'10s'`),
   * then ends all connections and timers. Loads that are not done by then reject, and their signals are aborted; a call
   * that a frozen store leaves without an answer keeps its timer until its deadline. Everything else rejects from the
   * start, a second `close` too.
   */
  async close(options?: { timeout?: Duration }): Promise<CloseReport> {
    const { timeout } = parseOptions('cache.close', options, { timeout: withDefault(duration, 10_000) });
    this.#checkOpen();
    this.#closing = true;
    const loads = this.#space.closeEngines(timeout);
    const left = await Promise.all(this.#drains.map((drain) => drain(timeout)));
    await loads;
    for (const space of this.#ownSpaces.values()) space.close();
    await this.#space.close();
    return { unwritten: left.reduce((sum, count) => sum + count, 0) };
  }

  async #askAdHoc<V>(key: Key, load: Loader<Key, V>, options: GetOrSetOptions<V> | undefined): Promise<unknown> {
    const { fresh, signal, ttl, tags, ...freshness } = parseOptions('cache.getOrSet', options, getOrSetRules);
    const source = parseOptions('cache.getOrSet', { load }, loaderRule);
    const policy = policyOf('cache.getOrSet', { ttl, tags, ...freshness }, this.#settings.defaults);
    return this.#adHoc.ask(key, { source, policy, fresh, signal });
  }

  async #invalidate(tags: readonly string[]): Promise<Eviction> {
    this.#checkOpen();
    return this.#space.invalidate(tags);
  }

  /** What this process keeps of its own, made once. */
  #own<S extends { close(): void }>(name: string, make: (clock: Clock) => S): S {
    const space = (this.#ownSpaces.get(name) as S | undefined) ?? make(this.#settings.clock);
    this.#ownSpaces.set(name, space);
    return space;
  }

  #checkOpen(): void {
    if (this.#closing) throw closedError();
  }
}

/** What `getOrSet` can be told of one value. */
export type GetOrSetOptions<V> = Pick<ResourceOptions<Key, V>, 'ttl' | 'tags'> &
  Omit<FreshnessOptions, 'maxIdle'> &
  Pick<ReadOptions, 'fresh' | 'signal'>;

const { maxIdle: _maxIdle, ...ofOneValue } = freshnessRules;
const { ttl, tags } = policyRules;
const getOrSetRules = { ...readRules, ...ofOneValue, ttl, tags };
const loaderRule = {
  load: required(func<Loader<Key, unknown>>(), "a loader as the second argument: getOrSet('report', () => …)"),
};
