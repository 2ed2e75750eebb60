import type { Key } from '../model/key.ts';
import type { Eviction } from '../model/store.ts';
import type { Engine, Peek } from './engine.ts';
import type { Source } from './source.ts';

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
   * The value of the key, loaded if no tier has a fresh one. Callers of one key share one load.
   *
   * Rejects with what the loader threw, or with a `CacheError`: `INVALID_KEY`, `CLOSED`.
   */
  get(key: K): Promise<V> {
    return (this.engine.hit(key) ?? this.engine.miss(key, this.#source)) as Promise<V>;
  }

  /** The values of several keys in their order; what is missing is looked up at once, and loaded by one `loadMany`. */
  getMany(keys: readonly K[]): Promise<V[]> {
    return this.engine.getMany(keys, this.#source) as Promise<V[]>;
  }

  /** What the tiers have of the key. It never loads. */
  peek(key: K): Promise<Peek<V>> {
    return this.engine.peek(key) as Promise<Peek<V>>;
  }

  /**
   * Deletes the cached value in all tiers. `'pending'` says that the shared tier is out of reach: the key is not
   * served from there until it has been deleted, which is done as soon as it answers again.
   */
  evict(key: K): Promise<Eviction> {
    return this.engine.evict(key);
  }

  /** Forgets every cached value of this resource, in constant time. */
  clear(): Promise<Eviction> {
    return this.#clear();
  }
}

/** What a resource is made of. */
export interface ResourceParts<K extends Key> {
  readonly engine: Engine<K>;
  readonly source: Source<K>;
  readonly clear: () => Promise<Eviction>;
}
