import { type Cache, CacheError } from '@cache/core';
import { isCache } from './cache-option.ts';

// An ESM and a CommonJS copy of this package may live in one process: they share the default.
const place = Symbol.for('@cache/decorators: default cache');
const shared = globalThis as { [place]?: Cache | undefined };

/**
 * Gives decorated methods that find no cache of their own this one, in the whole process. `undefined` takes it away.
 *
 * @throws CacheError `INVALID_OPTION`.
 */
export function setDefaultCache(cache: Cache | undefined): void {
  if (cache !== undefined && !isCache(cache)) {
    throw new CacheError('INVALID_OPTION', 'setDefaultCache takes a cache; write setDefaultCache(createCache())');
  }
  shared[place] = cache;
}

export function defaultCache(): Cache | undefined {
  return shared[place];
}
