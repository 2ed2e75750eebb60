import { describe, expect, test } from '@jest/globals';
import { initialAge } from '../../src/http/age.ts';
import { explicitLifetime } from '../../src/http/freshness.ts';
import { formatHttpDate, parseHttpDate } from '../../src/http/http-date.ts';
import { instructionsOf } from '../../src/http/targeted.ts';

const now = Date.UTC(2026, 0, 1);
const at = (seconds: number): string => formatHttpDate(now + seconds * 1_000);
const reader =
  (fields: Record<string, string>) =>
  (name: string): string | undefined =>
    fields[name];

describe('the explicit lifetime of a response', () => {
  test.each<[string, Record<string, string>, number | undefined]>([
    ['nothing', {}, undefined],
    ['Date alone', { date: at(0) }, undefined],
    ['Expires', { expires: at(60) }, 60_000],
    ['Expires, counted from Date', { expires: at(60), date: at(-30) }, 90_000],
    ['Expires with a Date that is none', { expires: at(60), date: 'today' }, 60_000],
    ['Expires in the past', { expires: at(-60) }, 0],
    ['Expires: 0', { expires: '0' }, 0],
    ['Expires: -1', { expires: '-1' }, 0],
    ['two Expires', { expires: `${at(60)}, ${at(90)}` }, 0],
    ['max-age before Expires', { 'cache-control': 'max-age=10', expires: at(60) }, 10_000],
    ['s-maxage before max-age', { 'cache-control': 'max-age=10, s-maxage=20' }, 20_000],
  ])('%s', (_what, fields, lifetime) => {
    expect(explicitLifetime(instructionsOf(reader(fields)), reader(fields), now)).toBe(lifetime);
  });
});

describe('the age of a response', () => {
  test.each<[string, Record<string, string>, number]>([
    ['just made', {}, 0],
    ['by its Date', { date: at(-30) }, 30_000],
    ['by a Date of the same second', { date: formatHttpDate(now + 500) }, 0],
    ['by a Date in the future', { date: at(30) }, 0],
    ['by its Age, and how long it was on its way', { age: '40' }, 40_500],
    ['by the greater of both', { age: '40', date: at(-50) }, 50_000],
    ['by the first of two Ages', { age: '5, 40' }, 5_500],
    ['by an Age too large to hold', { age: '9'.repeat(400) }, 2 ** 31 * 1_000 + 500],
    ['by an Age that is none', { age: 'old' }, 0],
    ['by a negative Age', { age: '-5' }, 0],
    ['by an Age with a fraction', { age: '1.5' }, 0],
  ])('%s', (_what, fields, age) => {
    expect(initialAge(reader(fields), now, 500)).toBe(age);
  });
});

describe('an HTTP date', () => {
  const instant = Date.UTC(1994, 10, 6, 8, 49, 37);
  test.each<[string, number]>([
    ['Sun, 06 Nov 1994 08:49:37 GMT', instant],
    ['Sunday, 06-Nov-94 08:49:37 GMT', instant],
    ['Sun Nov  6 08:49:37 1994', instant],
    // RFC 9111 §4.2.
    ['SUN, 06 nov 1994 08:49:37 gmt', instant],
    ['SUNDAY, 06-NOV-94 08:49:37 Gmt', instant],
    ['sun nOV  6 08:49:37 1994', instant],
    ['Sun, 06 Nov 1994 08:49:37 UTC', NaN],
    ['Sun, 06 Nov 1994 08:49:37 AEST', NaN],
    ['Sun, 06 Nov 94 08:49:37 GMT', NaN],
    ['Sun 06 Nov 1994 08:49:37 GMT', NaN],
    ['Sun, 06  Nov  1994 08:49:37 GMT', NaN],
    ['Sun, 06-Nov-1994 08:49:37 GMT', NaN],
    ['Sun, 06 Nov 1994 08.49.37 GMT', NaN],
    ['Sun, 06 Nov 1994 8:49:37 GMT', NaN],
    ['Sun, 99 Nov 1994 08:49:37 GMT', NaN],
    ['1994-11-06T08:49:37Z', NaN],
    ['Sun, 06 Nov 1994 08:49:37 +0200', NaN],
    ['Sun, 6 Nov 1994 08:49:37 GMT', NaN],
    ['Sun, 06 Nov 1994 08:49:37', NaN],
    ['2030', NaN],
  ])('%s', (text, expected) => {
    expect(parseHttpDate(text, now)).toBe(expected);
  });

  test.each<[number, string, number]>([
    [2026, 'Thursday, 01-Jan-76 00:00:00 GMT', 2076],
    [2026, 'Thursday, 01-Jan-76 00:00:01 GMT', 1976],
    [2026, 'Thursday, 01-Jan-77 00:00:00 GMT', 1977],
    [2080, 'Sunday, 06-Nov-94 08:49:37 GMT', 2094],
  ])('with two digits of a year is at most fifty years ahead, seen from %d: %s', (year, text, expected) => {
    expect(new Date(parseHttpDate(text, Date.UTC(year, 0, 1))).getUTCFullYear()).toBe(expected);
  });
});
