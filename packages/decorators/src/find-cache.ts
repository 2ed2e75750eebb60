import { type Cache, CacheError, invalid, type OptionRule } from '@cache/core';
import { defaultCache } from './default-cache.ts';
import { isCache } from './is-cache.ts';

/** A cache, or a function that gives it when a method is first called, so that classes can be made before it is. */
export type CacheOption = Cache | (() => Cache);

export const cacheRule: OptionRule<CacheOption | undefined> = (value, where) => {
  if (value === undefined || typeof value === 'function' || isCache(value)) return value as CacheOption | undefined;
  throw invalid(where, 'must be a cache or a function that gives one, such as cache: () => cache');
};

/**
 * The cache of a call: by the method's options, as `this.cache`, by the options of the class, or the default.
 *
 * @throws CacheError `INVALID_OPTION` where there is none.
 */
export function findCache(
  words: string,
  self: unknown,
  ofMethod: CacheOption | undefined,
  ofClass: () => CacheOption | undefined,
): Cache {
  if (ofMethod !== undefined) return given(words, ofMethod);
  const own = (self as { cache?: unknown }).cache;
  if (isCache(own)) return own;
  const option = ofClass();
  if (option !== undefined) return given(words, option);
  const cache = defaultCache();
  if (cache !== undefined) return cache;
  const sentence = `${words} has no cache; write @CacheResource({ name: '…', cache: () => cache }) on the class, or call setDefaultCache(cache)`;
  throw new CacheError('INVALID_OPTION', sentence);
}

function given(words: string, option: CacheOption): Cache {
  const cache = typeof option === 'function' ? option() : option;
  if (isCache(cache)) return cache;
  const sentence = `${words}: \`cache\` gave ${cache === undefined ? 'undefined' : 'no cache'}; make the cache before the method is first called`;
  throw new CacheError('INVALID_OPTION', sentence);
}
