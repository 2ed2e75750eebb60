import { type Cache, invalid, type OptionRule } from '@cache/core';

/** A cache, or a function that gives it when a method is first called, so that classes can be made before it is. */
export type CacheOption = Cache | (() => Cache);

/** The rule of an option that is a `CacheOption`. */
export const cacheRule: OptionRule<CacheOption | undefined> = (value, where) => {
  if (value === undefined || typeof value === 'function' || isCache(value)) return value as CacheOption | undefined;
  throw invalid(where, 'must be a cache or a function that gives one, such as cache: () => cache');
};

/** Told by its methods, not by its class: there may be two copies of `@cache/core`. */
export function isCache(value: unknown): value is Cache {
  const found = value as Partial<Record<'resource' | 'invalidateTags', unknown>> | null | undefined;
  return typeof found?.resource === 'function' && typeof found.invalidateTags === 'function';
}
