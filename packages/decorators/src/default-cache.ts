import { type Cache, CacheError } from '@cache/core';
import { isCache } from './cache-option.ts';
import { processWide } from './process-wide.ts';

const shared = processWide('default cache', (): { cache?: Cache | undefined } => ({}));

/**
 * Gives decorated methods that find no cache of their own this one, in the whole process. `undefined` takes it away.
 *
 * @throws CacheError `INVALID_OPTION`.
 */
export function setDefaultCache(cache: Cache | undefined): void {
  if (cache !== undefined && !isCache(cache)) {
    throw new CacheError('INVALID_OPTION', 'setDefaultCache takes a cache; write setDefaultCache(createCache())');
  }
  shared.cache = cache;
}

export function defaultCache(): Cache | undefined {
  return shared.cache;
}
