import { describe, expect, test } from '@jest/globals';
import { parseDictionary, parseStrings } from '../../../src/http/structured-field.ts';
import { Origin } from '../../support/origin.ts';
import { versions } from '../../support/stage.ts';

const ahead = (seconds: number): string => new Date(Date.now() + seconds * 1_000).toUTCString();

describe('RFC 9651', () => {
  test.each<[string, Record<string, unknown> | undefined]>([
    ['', {}],
    ['a, b=1, c=?0, d="x, \\"y\\"", e=t/k', { a: true, b: 1, c: false, d: 'x, "y"', e: 't/k' }],
    ['a;x=1;y, b=2;z="q"', { a: true, b: 2 }],
    ['a=1, a=2', { a: 2 }],
    ['a=-1.5, b=:YQ==:, c=@123', { a: -1.5, b: ':YQ==:', c: '@123' }],
    ['A=1', undefined],
    ['a=', undefined],
    ['a =1', undefined],
    ['a= 1', undefined],
    ['a,', undefined],
    ['a b', undefined],
    ['a="x', undefined],
    ['a=1e3', undefined],
    ['a=1234567890123456', undefined],
    ['a=(1 2)', undefined],
    ['&&&', undefined],
    [`a=${'1'.repeat(20_000)}`, undefined],
  ])('the dictionary %j', (field, members) => {
    const parsed = parseDictionary(field);
    expect(parsed && Object.fromEntries(parsed)).toEqual(members);
  });

  test.each<[string, string[] | undefined]>([
    ['"a", "b";q=1', ['a', 'b']],
    ['"a \\\\ \\" b"', ['a \\ " b']],
    ['a', undefined],
    ['"a" "b"', undefined],
    ['"ü"', undefined],
  ])('the list of strings %j', (field, members) => {
    expect(parseStrings(field)).toEqual(members);
  });
});

describe.each(versions)('RFC 9213 on %s', (_name, framework) => {
  test.each<[string, Record<string, string>, boolean]>([
    ['it makes fresh what says nothing else', { 'CDN-Cache-Control': 'max-age=60' }, true],
    ['it comes before Cache-Control', { 'CDN-Cache-Control': 'max-age=60', 'Cache-Control': 'no-store' }, true],
    [
      'it comes before Cache-Control, if it forbids',
      { 'CDN-Cache-Control': 'no-store', 'Cache-Control': 'max-age=60' },
      false,
    ],
    ['it comes before Expires', { 'CDN-Cache-Control': 'max-age=60', Expires: '0' }, true],
    [
      'where it names no freshness, Expires does not either',
      { 'CDN-Cache-Control': 'public', Expires: ahead(60) },
      false,
    ],
    ['max-age=0', { 'CDN-Cache-Control': 'max-age=0', 'Cache-Control': 'max-age=60' }, false],
    ['private', { 'CDN-Cache-Control': 'private', 'Cache-Control': 'max-age=60' }, false],
    ['an Age beyond it', { 'CDN-Cache-Control': 'max-age=60', Age: '61' }, false],
    ['too large a number for anything', { 'CDN-Cache-Control': 'max-age=99999999999' }, true],
    ['an extension', { 'CDN-Cache-Control': 'foo, max-age=60' }, true],
    ['a directive that is switched off', { 'CDN-Cache-Control': 'max-age=60, private=?0' }, true],
    ['a number of the wrong type', { 'CDN-Cache-Control': 'max-age="60"', 'Cache-Control': 'max-age=60' }, false],
    ['one that is malformed is ignored', { 'CDN-Cache-Control': 'max-age=60, &', 'Cache-Control': 'no-store' }, false],
    [
      'one that is malformed is ignored, whatever it says',
      { 'CDN-Cache-Control': 'no-store,', 'Cache-Control': 'max-age=60' },
      true,
    ],
    ['one that is empty is ignored', { 'CDN-Cache-Control': '', 'Cache-Control': 'max-age=60' }, true],
    ['upper case is malformed', { 'CDN-Cache-Control': 'No-Store', 'Cache-Control': 'max-age=60' }, true],
  ])('%s', async (_what, headers, reused) => {
    expect(await new Origin(framework, [{ headers }]).reuses()).toBe(reused);
  });

  test('the client gets all of them', async () => {
    const origin = new Origin(framework, [
      { headers: { 'CDN-Cache-Control': 'max-age=60', 'Cache-Control': 'no-cache' } },
    ]);
    await origin.fetch('/');
    expect((await origin.fetch('/')).headers).toMatchObject({
      'cdn-cache-control': 'max-age=60',
      'cache-control': 'no-cache',
    });
  });
});
