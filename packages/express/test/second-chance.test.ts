import { expect, test } from '@jest/globals';
import { SecondChanceMap } from '../src/second-chance.ts';

test('what nobody asked for goes first, and what somebody did stays through a flood', () => {
  const map = new SecondChanceMap<{ n: number }>(3);
  for (const [n, key] of ['a', 'b', 'c'].entries()) map.set(key, { n });
  expect(map.get('a')).toEqual({ n: 0 });
  for (let n = 0; n < 1_000; n += 1) {
    map.set(`flood ${n}`, { n });
    expect(map.get('a')).toEqual({ n: 0 });
  }
  expect([map.get('b'), map.get('c')]).toEqual([undefined, undefined]);
});

test('it holds no more than its size, even if all was asked for', () => {
  const map = new SecondChanceMap<{ n: number }>(2);
  for (let n = 0; n < 100; n += 1) {
    map.set(String(n), { n });
    map.get(String(n));
  }
  const held = Array.from({ length: 100 }, (_, n) => map.get(String(n))).filter((each) => each !== undefined);
  expect(held).toHaveLength(2);
  expect(map.get('99')).toEqual({ n: 99 });
});

test('what is set again has the new value', () => {
  const map = new SecondChanceMap<{ n: number }>(1);
  map.set('a', { n: 1 });
  map.set('a', { n: 2 });
  expect(map.get('a')).toEqual({ n: 2 });
});
