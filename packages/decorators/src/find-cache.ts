import { type Cache, CacheError } from '@cache/core';
import { type CacheOption, isCache } from './cache-option.ts';
import { type Declaration, inWords } from './declaration.ts';
import { defaultCache } from './default-cache.ts';

/**
 * The cache of a call: by the method's options, as `this.cache`, by the options of the class, or the default.
 *
 * @throws CacheError `INVALID_OPTION` where there is none.
 */
export function findCache(declaration: Declaration, self: unknown, ofClass: CacheOption | undefined): Cache {
  if (declaration.cache !== undefined) return given(declaration, declaration.cache);
  const own = (self as { cache?: unknown }).cache;
  if (isCache(own)) return own;
  if (ofClass !== undefined) return given(declaration, ofClass);
  const cache = defaultCache();
  if (cache !== undefined) return cache;
  const sentence = `${inWords(declaration)} has no cache; write @CacheResource({ name: '…', cache: () => cache }) on the class, or call setDefaultCache(cache)`;
  throw new CacheError('INVALID_OPTION', sentence);
}

function given(declaration: Declaration, option: CacheOption): Cache {
  const cache = typeof option === 'function' ? option() : option;
  if (isCache(cache)) return cache;
  const sentence = `${inWords(declaration)}: \`cache\` gave ${cache === undefined ? 'undefined' : 'no cache'}; make the cache before the method is first called`;
  throw new CacheError('INVALID_OPTION', sentence);
}
