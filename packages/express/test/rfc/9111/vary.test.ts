import { describe, expect, test } from '@jest/globals';
import { normalised } from '../../../src/http/vary.ts';
import { Origin } from '../../support/origin.ts';
import { versions } from '../../support/stage.ts';

test('white space without end is read in one pass', () => {
  const began = performance.now();
  for (const field of ['accept-encoding', 'x-kind']) {
    expect(normalised(field, `a${' '.repeat(200_000)}b`)).toHaveLength(200_002);
    expect(normalised(field, `a${' ,'.repeat(100_000)}b`)).toMatch(/^a,.*b$/);
  }
  expect(performance.now() - began).toBeLessThan(2_000);
});

describe.each(versions)('RFC 9111 §4.1 on %s', (_name, framework) => {
  const same = (vary: string, one: Record<string, string>, other: Record<string, string>): Promise<boolean> =>
    new Origin(framework, [{ headers: { 'Cache-Control': 'max-age=60', Vary: vary } }]).reuses('/', one, other);

  test.each<[string, string, string]>([
    ['Accept-Language', 'en, de', 'de,en'],
    ['Accept-Language', 'en, de', 'EN,De'],
    ['Accept-Language', 'de;q=0.5 , en', 'en,de;q=0.5'],
    ['Accept-Encoding', 'gzip, br', 'br, GZIP'],
    ['Accept', 'text/html, */*;q=0.1', '*/*; q=0.1,text/html'],
    ['X-Kind', '1, 2', ' 1 ,2 '],
  ])('%s: %j and %j are one', async (name, one, other) => {
    expect(await same(name, { [name]: one }, { [name]: other })).toBe(true);
  });

  test.each<[string, string, string]>([
    ['Accept-Language', 'en, de', 'en'],
    ['Accept-Language', 'en;q=0.5', 'en;q=0.6'],
    ['Accept', 'text/html;p="a,b"', 'b",text/html;p="a'],
    ['X-Kind', '1, 2', '2, 1'],
    ['X-Kind', 'a', 'A'],
    ['X-Kind', '"a, b"', '"a,b"'],
  ])('%s: %j and %j are two', async (name, one, other) => {
    expect(await same(name, { [name]: one }, { [name]: other })).toBe(false);
  });

  test('several lines of a field are one list', async () => {
    const origin = new Origin(framework, [{ headers: { 'Cache-Control': 'max-age=60', Vary: 'X-Kind' } }]);
    const ask = (lines: string): Promise<string> =>
      origin.raw(`GET / HTTP/1.1\r\nHost: a\r\n${lines}Connection: close\r\n\r\n`);
    await ask('X-Kind: 1, 2\r\n');
    expect(await ask('X-Kind: 1\r\nX-Kind: 2\r\n')).toMatch(/cache-status: shop; hit/i);
  });

  test.each(['*', 'Accept, *', ', *', '*, *'])('Vary: %s matches nothing', async (value) => {
    expect(await same(value, {}, {})).toBe(false);
  });
});
