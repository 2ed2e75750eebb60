import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseDuration } from '../../src/model/duration.ts';
import { thrownBy } from '../support/failure.ts';

const tenYears = 10 * 365 * 86_400_000;

test.each([
  ['0ms', 0],
  ['150ms', 150],
  ['10s', 10_000],
  ['5m', 300_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
  ['1.5s', 1_500],
  ['0.0005s', 1],
  [0, 0],
  [1_500, 1_500],
  [0.4, 0],
  [tenYears, tenYears],
])('%p is %p milliseconds', (given, ms) => {
  expect(parseDuration(given, 'ttl')).toBe(ms);
});

test.each([
  ['', "''"],
  ['10', "'10'"],
  ['s', "'s'"],
  ['10 s', "'10 s'"],
  ['10S', "'10S'"],
  ['10sec', "'10sec'"],
  ['-1s', "'-1s'"],
  ['+1s', "'+1s'"],
  ['1e3ms', "'1e3ms'"],
  ['.5s', "'.5s'"],
  ['1.s', "'1.s'"],
  ['1s ', "'1s '"],
  ['1s\n', "'1s\n'"],
  ['٣s', "'٣s'"],
  ['3651d', "'3651d'"],
  [-1, '-1'],
  [NaN, 'NaN'],
  [Infinity, 'Infinity'],
  [tenYears + 1, String(tenYears + 1)],
  [null, 'null'],
  [undefined, 'undefined'],
  [{}, 'object'],
  [10n, 'bigint'],
])('%p is refused, with the option and what was given in the sentence', (given, shown) => {
  const error = thrownBy(() => parseDuration(given, 'cacheAside: ttl'));
  expect(error.code).toBe('INVALID_DURATION');
  expect(error.message).toContain(`cacheAside: ttl: ${shown} is not a duration`);
  expect(error.message).toContain("'150ms', '10s', '5m', '2h' or '1d'");
});

describe('whatever is given', () => {
  test('the answer is a whole number of milliseconds within ten years, or an INVALID_DURATION', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.anything(), fc.string(), fc.double(), fc.stringMatching(/^\d{1,9}(ms|s|m|h|d)$/)),
        (it) => {
          let ms: number;
          try {
            ms = parseDuration(it, 'ttl');
          } catch (error) {
            expect(error).toMatchObject({ code: 'INVALID_DURATION' });
            return;
          }
          expect(Number.isInteger(ms) && ms >= 0 && ms <= tenYears).toBe(true);
        },
      ),
    );
  });

  test('a sentence never repeats more than a line of what was given', () => {
    expect(thrownBy(() => parseDuration('9'.repeat(10_000), 'ttl')).message.length).toBeLessThan(300);
  });
});
