import { describe, expect, test } from '@jest/globals';
import { UrlReader } from '../../src/http/request-url.ts';

describe('a URL', () => {
  test('is the same whenever it is read, for each scheme and host its own', () => {
    const reader = new UrlReader(undefined);
    const read = (): unknown[] => [
      reader.read('http', 'Shop.example', '/a?y=2&x=1'),
      reader.read('https', 'shop.example', '/a?y=2&x=1'),
      reader.read('http', 'other.example:81', '/a?y=2&x=1'),
      reader.read('http', 'shop.example', '/a?x=1&y=2'),
    ];
    const url = { scheme: 'http', authority: 'shop.example', path: '/a', query: 'x=1&y=2' };
    const other = { ...url, authority: 'other.example:81', key: 'http://other.example:81/a?x=1&y=2' };
    const expected = [
      { ...url, key: 'http://shop.example/a?x=1&y=2' },
      { ...url, scheme: 'https', key: 'https://shop.example/a?x=1&y=2' },
      other,
      { ...url, key: 'http://shop.example/a?x=1&y=2' },
    ];
    expect(read()).toEqual(expected);
    expect(read()).toEqual(expected);
  });

  test('that was refused for one host is not for the next, nor the other way round', () => {
    const reader = new UrlReader(undefined);
    for (let time = 0; time < 2; time += 1) {
      expect(reader.read('http', 'a b', '/a')).toEqual({ refused: 'host' });
      expect(reader.read('http', 'shop.example', '/a')).toMatchObject({ key: 'http://shop.example/a' });
      expect(reader.read('gopher', 'shop.example', '/a')).toEqual({ refused: 'scheme' });
      expect(reader.read('http', 'shop.example', 'http://shop.example/a')).toEqual({ refused: 'target' });
    }
  });

  test('that is longer than those which are remembered has its key all the same, up to a length', () => {
    const reader = new UrlReader(undefined);
    const long = `/${'a'.repeat(1_000)}`;
    expect(reader.read('http', 'shop.example', long)).toEqual(reader.read('http', 'shop.example', long));
    expect(reader.read('http', 'shop.example', long)).toMatchObject({ key: expect.stringMatching(/^sha256-/) });
    expect(reader.read('http', 'shop.example', `/${'a'.repeat(5_000)}`)).toMatchObject({ key: undefined });
  });

  test('has the query that its rule leaves', () => {
    const reader = new UrlReader({ ignore: new Set(['utm_source']) });
    for (const target of ['/a?utm_source=mail&x=1', '/a?x=1', '/a?x=1&utm_source=news']) {
      expect(reader.read('http', 'shop.example', target)).toMatchObject({ key: 'http://shop.example/a?x=1' });
    }
  });
});
