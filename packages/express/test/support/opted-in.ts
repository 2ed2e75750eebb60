import type { Cache } from '@cache/core';
import { cacheResponse as plain, type CacheResponseOptions, type Middleware } from '../../src/index.ts';

/** The caches that a test has put a front before. */
export const fronted = new WeakSet<Cache>();

/** `cacheResponse`, opted in to the front that its cache may have, unless it asks for what there is only in Express. */
export function cacheResponse<P>(options: CacheResponseOptions<P>): Middleware {
  const needsExpress = options.scope ?? options.when ?? options.unless ?? options.key;
  return plain(fronted.has(options.cache) && needsExpress === undefined ? { ...options, front: true } : options);
}
