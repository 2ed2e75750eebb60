import type { Duration } from '../model/duration.ts';
import { type Key, keyText } from '../model/key.ts';
import { parseOptions, optional, positiveDuration } from '../model/options.ts';
import type { Eviction } from '../model/store.ts';
import type { Engine, Peek, ResourceStats } from './engine.ts';
import type { FarTier } from './far-tier.ts';
import { fixedTtl, type Policy } from './policy.ts';
import { parseRead, type ReadOptions } from './read-options.ts';
import type { Source } from './source.ts';

/** How many keys `warm` has looked up and loaded at once. */
const warmedAtOnce = 500;

/** What every strategy's resource can do: read, and forget. */
export class Resource<K extends Key, V> {
  readonly name: string;
  protected readonly engine: Engine<K>;
  readonly #source: Source<K>;
  readonly #clear: () => Promise<Eviction>;

  constructor({ engine, source, clear }: ResourceParts<K>) {
    this.name = engine.resource;
    this.engine = engine;
    this.#source = source;
    this.#clear = clear;
  }

  /**
   * The value of the key, loaded if no tier has a fresh one. Callers of one key share one load, and its rejection.
   *
   * Rejects with what the loader threw, or with a `CacheError`: `LOAD_TIMEOUT`, `INVALID_KEY`, `INVALID_OPTION`, `CLOSED`.
   */
  get(key: K, options?: ReadOptions): Promise<V> {
    if (options !== undefined) return this.#ask(key, options);
    return (this.engine.hit(key) ?? this.engine.miss(key, this.#source)) as Promise<V>;
  }

  /** The values of several keys in their order; what is missing is looked up at once, and loaded by one `loadMany`. */
  getMany(keys: readonly K[]): Promise<V[]> {
    return this.engine.getMany(keys, this.#source) as Promise<V[]>;
  }

  /** Loads the value anew, whatever is cached, and caches it: `get(key, { fresh: true })`. */
  refresh(key: K): Promise<V> {
    return this.#ask(key, { fresh: true });
  }

  /**
   * Loads of these keys what is not cached, 500 at a time; gives how many of them are cached, or known to be absent, when
   * all is done: not those that were not kept, or had to go again for others. It does not reject for a loader that fails,
   * which the event `loadError` tells.
   */
  async warm(keys: Iterable<K>): Promise<number> {
    const portions = inPortions([...new Map(Array.from(keys, (key) => [keyText(key), key])).values()]);
    for (const portion of portions) await this.engine.warm(portion, this.#source);
    let cached = 0;
    for (const portion of portions) cached += await this.engine.count(portion);
    return cached;
  }

  /** What the tiers have of the key, be it stale. It never loads. */
  peek(key: K): Promise<Peek<V>> {
    return this.engine.peek(key) as Promise<Peek<V>>;
  }

  /** The value of the key if the memory of this process has it, fresh; `undefined` if not. It asks nobody and loads nothing. */
  peekLocal(key: K): V | undefined {
    return this.engine.peekLocal(key) as V | undefined;
  }

  /** Whether some tier has a fresh value of the key, so that `get` would not load. */
  async has(key: K): Promise<boolean> {
    const found = await this.engine.peek(key);
    return found.hit && found.state === 'fresh';
  }

  /**
   * Deletes the cached value in all tiers. `'pending'` says that the shared tier is out of reach: the key is not
   * served from there until it has been deleted, which is done as soon as it answers again.
   */
  evict(key: K): Promise<Eviction> {
    return this.engine.evict(key);
  }

  /**
   * Ends the freshness of the cached value now, and keeps it for `staleWhileRevalidate` and `grace`. Where it cannot be
   * kept, because it is being loaded or the shared tier is out of reach, it is evicted.
   */
  expire(key: K): Promise<Eviction> {
    return this.engine.expire(key);
  }

  /** Makes the cached value fresh for another `ttl`, without loading it; false where there is no fresh value. */
  async touch(key: K, options?: { ttl?: Duration }): Promise<boolean> {
    const { ttl } = parseOptions(`resource '${this.name}': touch`, options, { ttl: optional(positiveDuration) });
    return this.engine.touch(key, this.#policy(ttl));
  }

  /** Forgets every cached value of this resource, in constant time. */
  clear(): Promise<Eviction> {
    return this.#clear();
  }

  /** What happened to the reads of this resource, and what memory holds of it. */
  stats(): ResourceStats {
    return this.engine.stats();
  }

  async #ask(key: K, options: ReadOptions): Promise<V> {
    const { ttl, fresh, signal } = parseRead(`resource '${this.name}': get`, options);
    return this.engine.ask(key, { source: this.#source, policy: this.#policy(ttl), fresh, signal }) as Promise<V>;
  }

  #policy(ttl: number | undefined): Policy {
    return ttl === undefined ? this.engine.policy : fixedTtl(this.engine.policy, ttl);
  }
}

function inPortions<K>(keys: readonly K[]): K[][] {
  const starts = Array.from({ length: Math.ceil(keys.length / warmedAtOnce) }, (_, index) => index * warmedAtOnce);
  return starts.map((start) => keys.slice(start, start + warmedAtOnce));
}

/** What a resource is made of. */
export interface ResourceParts<K extends Key> {
  readonly engine: Engine<K>;
  readonly source: Source<K>;
  readonly clear: () => Promise<Eviction>;
  /** The shared tier, past anything that the strategy has put in front of it. */
  readonly shared: FarTier | undefined;
}
