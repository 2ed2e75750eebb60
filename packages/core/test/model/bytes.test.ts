import { expect, test } from '@jest/globals';
import { parseBytes } from '../../src/model/bytes.ts';
import { thrownBy } from '../support/failure.ts';

test.each([
  [1, 1],
  [4096, 4096],
  ['512kb', 524_288],
  ['64mb', 67_108_864],
  ['2gb', 2_147_483_648],
  ['1.5kb', 1_536],
  ['0.001kb', 1],
  ['64MB', 67_108_864],
])('%p is %p bytes', (given, bytes) => {
  expect(parseBytes(given, 'maxBytes')).toBe(bytes);
});

const noSizes = [0, -1, 1.5, NaN, Infinity, 2 ** 60, '', '64', '64 mb', '64b', '0kb', '-1mb', '1e3kb', null, [], 10n];

test.each(noSizes.map((given) => [given]))('%p is refused with a sentence that says what to write', (given) => {
  const error = thrownBy(() => parseBytes(given, 'memoryStore: maxBytes'));
  expect(error.code).toBe('INVALID_OPTION');
  expect(error.message).toContain(
    `memoryStore: maxBytes must be a number of bytes or a string such as '512kb', '64mb' or '2gb', not `,
  );
});
