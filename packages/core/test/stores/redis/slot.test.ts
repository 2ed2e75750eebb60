import { expect, test } from '@jest/globals';
import { bySlot, slotOf } from '../../../src/stores/redis/slot.ts';

test('a slot is the CRC-16 of the key, as the specification of Redis Cluster has it', () => {
  expect(slotOf('123456789')).toBe(0x31c3);
  expect(slotOf('foo')).toBe(12_182);
  expect(slotOf('')).toBe(0);
});

test('what stands between the first braces decides, if anything does', () => {
  expect(slotOf('a:{foo}:v')).toBe(slotOf('foo'));
  expect(slotOf('a{foo}{bar}')).toBe(slotOf('foo'));
  expect(slotOf('a{{foo}}b')).toBe(slotOf('{foo'));
  expect(slotOf('{}foo')).not.toBe(slotOf('foo'));
  expect(slotOf('{}foo')).not.toBe(slotOf(''));
  expect(slotOf('}foo{')).not.toBe(slotOf('foo'));
});

test('keys of one slot go together, each in the order in which it came', () => {
  expect(bySlot(['{a}1', '{b}1', '{a}2', '{b}2'])).toEqual([
    ['{a}1', '{a}2'],
    ['{b}1', '{b}2'],
  ]);
});
