import { type Cache, CacheError } from '@cache/core';
import { type CacheOption, isCache } from './cache-option.ts';
import { type Declaration, inWords } from './declaration.ts';
import { defaultCache } from './default-cache.ts';

/**
 * The cache of a call: by the method's options, as `this.cache`, by the options of the class, or the default. `last` is
 * what the last call found, and need not be looked at again.
 *
 * @throws CacheError `INVALID_OPTION` where there is none.
 */
export function findCache(
  declaration: Declaration,
  self: unknown,
  ofClass: CacheOption | undefined,
  last: Cache | undefined,
): Cache {
  if (declaration.cache !== undefined) return given(declaration, declaration.cache, last);
  const own = (self as { cache?: unknown }).cache;
  if (own !== undefined && (own === last || isCache(own))) return own as Cache;
  if (ofClass !== undefined) return given(declaration, ofClass, last);
  const cache = defaultCache();
  if (cache !== undefined) return cache;
  const sentence = `${inWords(declaration)} has no cache; write @CacheResource({ name: '…', cache: () => cache }) on the class, or call setDefaultCache(cache)`;
  throw new CacheError('INVALID_OPTION', sentence);
}

function given(declaration: Declaration, option: CacheOption, last: Cache | undefined): Cache {
  const cache = typeof option === 'function' ? option() : option;
  if (cache === last && last !== undefined) return last;
  if (isCache(cache)) return cache;
  const sentence = `${inWords(declaration)}: \`cache\` gave ${cache === undefined ? 'undefined' : 'no cache'}; make the cache before the method is first called`;
  throw new CacheError('INVALID_OPTION', sentence);
}
