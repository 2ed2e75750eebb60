import { expect, test } from '@jest/globals';
import { TagClockReader } from '../../../src/stores/redis/tag-clock-reader.ts';

test('each reply is read as it is, whatever the one before it was', () => {
  const reader = new TagClockReader();
  const read = (text: string | null): unknown => reader.read(text === null ? null : Buffer.from(text));
  const first = { generation: 'a-1', at: 1_700_000_000_000_001 };
  expect(read(null)).toBeUndefined();
  expect(read('a-1 1700000000000001')).toEqual(first);
  expect(read('a-1 1700000000000001')).toEqual(first);
  expect(read('a-1 1700000000000002')).toEqual({ ...first, at: 1_700_000_000_000_002 });
  expect(read('b-2 1700000000000002')).toEqual({ generation: 'b-2', at: 1_700_000_000_000_002 });
  expect(read(null)).toBeUndefined();
  expect(read('b-2 1700000000000002')).toEqual({ generation: 'b-2', at: 1_700_000_000_000_002 });
});

test.each(['', 'nonsense', 'a b c'])('what is no clock is none: "%s"', (text) => {
  expect(new TagClockReader().read(Buffer.from(text))).toBeUndefined();
});
