import type { Duration } from '../model/duration.ts';

/** An older value that the cache still has when a load begins. */
export interface StaleValue {
  /** As callers get it. */
  readonly value: unknown;
  /** Milliseconds since the load began that brought it. */
  readonly age: number;
}

/** For how long a value is given out after the end of its freshness; see `FreshnessOptions`. */
export interface StaleTimes {
  readonly staleWhileRevalidate?: Duration;
  readonly grace?: Duration;
}

/** What a loader is told besides the key, and what it can say of the value it brings. */
export interface LoadContext<K> {
  readonly key: K;
  /** Aborted with a `LOAD_TIMEOUT` error once the load takes longer than `timeout.hard`. */
  readonly signal: AbortSignal;
  /**
   * The value that is to be replaced, where the cache still has one within `staleWhileRevalidate` or `grace`: a loader
   * may ask its source whether it has changed.
   */
  readonly stale: StaleValue | undefined;
  /**
   * How long this very value is fresh, instead of the resource's `ttl` (jitter applies); and how long it is given out
   * after that, instead of the resource's `staleWhileRevalidate` and `grace`.
   */
  readonly setTtl: (ttl: Duration, after?: StaleTimes) => void;
  /** The tags of this very value, besides those the resource gives it. */
  readonly setTags: (...tags: string[]) => void;
  /** The value goes to those who wait for it, and is not kept. */
  readonly skip: () => void;
  /**
   * `return notModified()`: the source still has the stale value, which is fresh once more, with the tags it had.
   *
   * @throws CacheError `INVALID_LOAD` where there is no stale value.
   */
  readonly notModified: () => never;
}

/** Loads one value; `null` says that it is known not to exist, `undefined` that nothing is known and nothing is kept. */
export type Loader<K, V> = (key: K, context: LoadContext<K>) => Promise<V> | V;

/**
 * What `loadMany` gives: an array in the order of the keys, each item what `load` would give; or a Map by key, which says
 * of a key that it lacks `null`, known not to exist, so that `null` must be among its resource's values.
 */
export type ManyLoaded<K, V> = readonly V[] | (null extends V ? ReadonlyMap<K, V> : never);

/** Loads several values at once. `signal` is aborted once nobody waits for any of them, since they all took too long. */
export type ManyLoader<K, V> = (
  keys: readonly K[],
  context: ManyLoadContext,
) => Promise<ManyLoaded<K, V>> | ManyLoaded<K, V>;

/** What a loader of several values is told. */
export interface ManyLoadContext {
  readonly signal: AbortSignal;
}

/** The system of record behind a resource. */
export interface Source<K> {
  readonly load?: Loader<K, unknown> | undefined;
  readonly loadMany?: ManyLoader<K, unknown> | undefined;
}
