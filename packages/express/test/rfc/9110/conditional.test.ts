import { describe, expect, test } from '@jest/globals';
import { listsTag } from '../../../src/http/conditional.ts';
import { Origin } from '../../support/origin.ts';
import { versions } from '../../support/stage.ts';

const modified = 'Wed, 01 Jan 2020 00:00:00 GMT';

describe('RFC 9110 §8.8.3.2: a list of entity-tags', () => {
  test.each<[string, string, boolean]>([
    ['"a"', '"a"', true],
    ['W/"a"', '"a"', true],
    ['"a"', 'W/"a"', true],
    ['"x", W/"y" ,"a"', '"a"', true],
    ['*', '"a"', true],
    ['"a, b"', '"a, b"', true],
    ['"x, "a""', '"a"', false],
    ['"A"', '"a"', false],
    ['', '"a"', false],
    ['"a', '"a"', false],
    ['w/"a"', '"a"', false],
  ])('%s has %s: %s', (list, etag, found) => {
    expect(listsTag(list, etag)).toBe(found);
  });

  test('five thousand of them are read in one pass', () => {
    const began = performance.now();
    for (const filler of ['"x",', ',', '"', 'W/']) expect(listsTag(`${filler.repeat(100_000)} "a`, '"b"')).toBe(false);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

describe.each(versions)('RFC 9110 §13 on %s', (_name, framework) => {
  const answer = async (fields: Record<string, string>, condition: Record<string, string>, status = 200) => {
    const origin = new Origin(framework, [{ status, headers: { 'Cache-Control': 'max-age=60', ...fields } }]);
    await origin.fetch('/');
    const got = await origin.fetch('/', condition);
    expect(origin.runs).toBe(1);
    return got.status;
  };

  test.each<[string, Record<string, string>, Record<string, string>, number]>([
    ['the tag it has', { ETag: '"a"' }, { 'if-none-match': '"x", "a"' }, 304],
    ['a weak form of it', { ETag: '"a"' }, { 'if-none-match': 'W/"a"' }, 304],
    ['another tag', { ETag: '"a"' }, { 'if-none-match': '"b"' }, 200],
    ['any tag', {}, { 'if-none-match': '*' }, 304],
    ['a tag, where there is none', {}, { 'if-none-match': '"a"' }, 200],
    ['the same date', { 'Last-Modified': modified }, { 'if-modified-since': modified }, 304],
    [
      'the same date in the old form',
      { 'Last-Modified': modified },
      { 'if-modified-since': 'Wednesday, 01-Jan-20 00:00:00 GMT' },
      304,
    ],
    ['a later date', { 'Last-Modified': modified }, { 'if-modified-since': 'Thu, 02 Jan 2020 00:00:00 GMT' }, 304],
    ['an earlier date', { 'Last-Modified': modified }, { 'if-modified-since': 'Tue, 31 Dec 2019 00:00:00 GMT' }, 200],
    ['a date that is none', { 'Last-Modified': modified }, { 'if-modified-since': 'yesterday' }, 200],
    ['a date before that of the response', {}, { 'if-modified-since': modified }, 200],
    [
      'another tag, whatever the date (§13.2.2)',
      { ETag: '"a"', 'Last-Modified': modified },
      { 'if-none-match': '"b"', 'if-modified-since': modified },
      200,
    ],
    [
      'the tag, whatever the date',
      { ETag: '"a"', 'Last-Modified': modified },
      { 'if-none-match': '"a"', 'if-modified-since': 'Tue, 31 Dec 2019 00:00:00 GMT' },
      304,
    ],
  ])('who has %s', async (_what, fields, condition, status) => {
    expect(await answer(fields, condition)).toBe(status);
  });

  test('a condition on what is no success is ignored (§13.2.1)', async () => {
    expect(await answer({ ETag: '"a"' }, { 'if-none-match': '"a"' }, 404)).toBe(404);
  });
});
