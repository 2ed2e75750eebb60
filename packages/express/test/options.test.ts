import { describe, expect, test } from '@jest/globals';
import { cacheAside, CacheError, createCache } from '@cache/core';
import { cacheResponse, evicts } from '../src/index.ts';

const cache = createCache();

/** The code and the sentence of the error that a call throws. */
function refusal(call: () => unknown): [string, string] {
  try {
    call();
  } catch (error) {
    if (error instanceof CacheError) return [error.code, error.message];
    throw error;
  }
  throw new Error('it was not refused');
}

describe('cacheResponse refuses', () => {
  test.each<[string, object | undefined, string, RegExp]>([
    ['nothing at all', undefined, 'INVALID_OPTION', /cache is missing; write cache: createCache\(\)/],
    ['a cache that is none', { cache: {} }, 'INVALID_OPTION', /cache must be a cache made by createCache\(\)/],
    ['an option that it has not', { cache, tttl: 1 }, 'UNKNOWN_OPTION', /no option 'tttl'; did you mean 'ttl'\?/],
    ['a ttl that is no duration', { cache, ttl: '1 minute' }, 'INVALID_DURATION', /'1 minute' is not a duration/],
    ['a ttl of nothing', { cache, ttl: 0 }, 'INVALID_OPTION', /ttl must be longer than zero/],
    ['one tag as a string', { cache, tags: 'user' }, 'INVALID_OPTION', /tags must give an array of at most 100 tags/],
    ['a scope that is no function', { cache, scope: 'user' }, 'INVALID_OPTION', /scope must be a function/],
    ['cookies without a list', { cache, cookies: {} }, 'INVALID_OPTION', /write ignore: \['theme', \/\^_ga\/\]/],
    ['cookies in one string', { cache, cookies: { ignore: 'a' } }, 'INVALID_OPTION', /array of names/],
    ['an unknown list of cookies', { cache, cookies: { ignores: [] } }, 'UNKNOWN_OPTION', /did you mean 'ignore'\?/],
    ['a query with two lists', { cache, query: { allow: [], ignore: [] } }, 'INVALID_OPTION', /is either { allow/],
    ['a query with no list', { cache, query: {} }, 'INVALID_OPTION', /is either { allow/],
    ['a size that is none', { cache, maxEntrySize: 'big' }, 'INVALID_OPTION', /must be a number of bytes/],
    ['no variants', { cache, maxVariants: 0 }, 'INVALID_OPTION', /whole number from 1/],
    ['no wait', { cache, maxWait: 0 }, 'INVALID_OPTION', /longer than zero/],
    ['a name that no header can hold', { cache, name: 'a, b' }, 'INVALID_OPTION', /letters, digits/],
  ])('%s', (_what, options, code, sentence) => {
    const [found, message] = refusal(() => cacheResponse(options as never));
    expect(found).toBe(code);
    expect(message).toMatch(/^cacheResponse\b/);
    expect(message).toMatch(sentence);
  });

  test('a cache that has a resource of its own named http', () => {
    const taken = createCache();
    taken.resource('http', cacheAside({ load: () => 'a' }));
    const [code, message] = refusal(() => cacheResponse({ cache: taken }));
    expect([code, message]).toEqual(['DUPLICATE_RESOURCE', expect.stringContaining("a resource 'http' already")]);
  });
});

describe('evicts refuses', () => {
  test.each<[string, object, string, RegExp]>([
    ['nothing to evict', { cache }, 'INVALID_OPTION', /needs `tags`, such as tags: \['users'\], or `keys`/],
    ['an option that it has not', { cache, tag: [] }, 'UNKNOWN_OPTION', /did you mean 'tags'\?/],
    ['keys that are no function', { cache, keys: ['a'] }, 'INVALID_OPTION', /keys must be a function/],
    ['no deadline', { cache, tags: ['a'], deadline: 0 }, 'INVALID_OPTION', /longer than zero/],
  ])('%s', (_what, options, code, sentence) => {
    const [found, message] = refusal(() => evicts(options as never));
    expect(found).toBe(code);
    expect(message).toMatch(sentence);
  });
});
