import type { Duration } from '../model/duration.ts';
import { func, invalid, optional, type OptionRule } from '../model/options.ts';

/** What a loader is told besides the key, and what it can say of the value it brings. */
export interface LoadContext<K> {
  readonly key: K;
  /** How long this very value is fresh, instead of the resource's `ttl` (jitter applies). */
  readonly setTtl: (ttl: Duration) => void;
  /** The tags of this very value, besides those the resource gives it. */
  readonly setTags: (...tags: string[]) => void;
  /** The value goes to those who wait for it, and is not kept. */
  readonly skip: () => void;
}

/** Loads one value; `null` says that it is known not to exist, `undefined` that nothing is known and nothing is kept. */
export type Loader<K, V> = (key: K, context: LoadContext<K>) => Promise<V> | V;

/** What `loadMany` gives: a Map by key, or an array in the order of the keys. A key that the Map lacks is `undefined`. */
export type ManyLoaded<K, V> = ReadonlyMap<K, V> | readonly (V | undefined)[];

/** Loads several values at once. */
export type ManyLoader<K, V> = (keys: readonly K[]) => Promise<ManyLoaded<K, V>> | ManyLoaded<K, V>;

/** How a resource gets values from its system of record: one of the two at least. */
export interface SourceOptions<K, V> {
  load?: Loader<K, V>;
  loadMany?: ManyLoader<K, V>;
}

/** The system of record behind a resource. */
export interface Source<K> {
  readonly load?: Loader<K, unknown> | undefined;
  readonly loadMany?: ManyLoader<K, unknown> | undefined;
}

/** The rules of `SourceOptions`, for a strategy to add its own to. */
export function sourceRules<K>(): {
  load: OptionRule<Loader<K, unknown> | undefined>;
  loadMany: OptionRule<ManyLoader<K, unknown> | undefined>;
} {
  return { load: optional(func<Loader<K, unknown>>()), loadMany: optional(func<ManyLoader<K, unknown>>()) };
}

/** @throws CacheError `INVALID_OPTION` where there is neither loader. */
export function sourceOf<K>(owner: string, { load, loadMany }: Source<K>): Source<K> {
  if (load !== undefined || loadMany !== undefined) return { load, loadMany };
  throw invalid(owner, 'needs `load`, such as load: (id) => db.users.find(id), or `loadMany`');
}
