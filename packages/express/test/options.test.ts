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
    ['cookies in one string', { cache, cookies: { ignore: 'a' } }, 'INVALID_OPTION', /such as \['theme', \/\^_ga\/\]/],
    ['a list of cookies on its own', { cache, cookies: ['a'] }, 'INVALID_OPTION', /cookies is \{ ignore: \['theme', /],
    ['a cookie that is a number', { cache, cookies: { ignore: [1] } }, 'INVALID_OPTION', /array of names and patterns/],
    ['an unknown list of cookies', { cache, cookies: { ignores: [] } }, 'UNKNOWN_OPTION', /did you mean 'ignore'\?/],
    ['a mode that is none', { cache, mode: 'stict' }, 'INVALID_OPTION', /mode must be 'safe' or 'strict', not 'stict'/],
    ['a mode as a flag', { cache, mode: true }, 'INVALID_OPTION', /mode must be 'safe' or 'strict', not boolean/],
    ['a ttl below zero', { cache, ttl: -1 }, 'INVALID_DURATION', /ttl: -1 is not a duration; write milliseconds/],
    ['a ttl without end', { cache, ttl: Infinity }, 'INVALID_DURATION', /ttl: Infinity is not a duration/],
    ['a ttl without a unit', { cache, ttl: '60' }, 'INVALID_DURATION', /ttl: '60' is not a duration; write .* '10s'/],
    ['a stale use that is none', { cache, staleIfError: 'soon' }, 'INVALID_DURATION', /staleIfError: 'soon' is not/],
    [
      'a vary in one string',
      { cache, vary: 'accept' },
      'INVALID_OPTION',
      /vary must be request fields, such as \['acc/,
    ],
    ['a vary of no names', { cache, vary: ['a b'] }, 'INVALID_OPTION', /vary must be request fields/],
    ['a vary of everything', { cache, vary: ['*'] }, 'INVALID_OPTION', /vary must be request fields/],
    [
      'a vary of values',
      { cache, vary: { accept: 'a' } },
      'INVALID_OPTION',
      /or functions by field that say what counts/,
    ],
    [
      'a treatment that is none',
      { cache, unkeyedHeaders: 'keep' },
      'INVALID_OPTION',
      /'bypass' or 'strip' or 'key', not/,
    ],
    [
      'a treatment of some',
      { cache, unkeyedHeaders: ['x-host'] },
      'INVALID_OPTION',
      /'bypass' or 'strip' or 'key', not/,
    ],
    [
      'a query of names',
      { cache, query: ['page'] },
      'INVALID_OPTION',
      /query is either { allow: \['page'\] } or { ignore/,
    ],
    [
      'a query in one string',
      { cache, query: { allow: 'page' } },
      'INVALID_OPTION',
      /allow must be an array of names, such/,
    ],
    ['an unknown list of a query', { cache, query: { allows: [] } }, 'UNKNOWN_OPTION', /did you mean 'allow'\?/],
    ['a size of nothing', { cache, maxEntrySize: 0 }, 'INVALID_OPTION', /number of bytes or a string such as '512kb'/],
    ['half a byte', { cache, maxEntrySize: 1.5 }, 'INVALID_OPTION', /number of bytes .*, not 1\.5/],
    ['a flag in words', { cache, heuristics: 'yes' }, 'INVALID_OPTION', /heuristics must be true or false, not 'yes'/],
    ['a path for a condition', { cache, unless: '/a' }, 'INVALID_OPTION', /unless must be a function, not string/],
    ['an empty tag', { cache, tags: [''] }, 'INVALID_OPTION', /of 1 to 200 characters, such as \['user:7'\]/],
    [
      'an option that is nearly one',
      { cache, unkeyedHeader: 'key' },
      'UNKNOWN_OPTION',
      /did you mean 'unkeyedHeaders'\?/,
    ],
    [
      'an option of another library',
      { cache, maxAge: 1 },
      'UNKNOWN_OPTION',
      /no option 'maxAge'; it has 'cache', 'ttl', /,
    ],
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
