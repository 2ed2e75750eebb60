import { expect, test } from '@jest/globals';
import { ManualClock } from '@cache/core/testing';
import { ExpiringMap } from '../../../src/stores/memory/expiring-map.ts';

const bounds = { entries: 100, size: 1_000 };

test('an entry is there until its time is over', async () => {
  const clock = new ManualClock();
  const map = new ExpiringMap<string>(clock, bounds);
  map.set('a', 'x', 100);
  await clock.advance(99);
  expect(map.get('a')).toBe('x');
  await clock.advance(1);
  expect([map.get('a'), map.keys()]).toEqual([undefined, []]);
});

test('an entry that is set again has its new time and value, and is one', async () => {
  const clock = new ManualClock();
  const map = new ExpiringMap<string>(clock, bounds);
  map.set('a', 'x', 100);
  map.set('a', 'y', 1_000);
  await clock.advance(500);
  expect([map.get('a'), map.keys()]).toEqual(['y', ['a']]);
});

test('there are never more entries than it may have, and the last half of them are there', () => {
  const map = new ExpiringMap<number>(new ManualClock(), bounds);
  for (let n = 0; n < 1_000; n += 1) {
    map.set(`k${n}`, n, 60_000);
    expect(map.keys().length).toBeLessThanOrEqual(bounds.entries);
  }
  for (let n = 950; n < 1_000; n += 1) expect(map.get(`k${n}`)).toBe(n);
});

test('there is never more in it than it may have', () => {
  const map = new ExpiringMap<number>(new ManualClock(), bounds);
  for (let n = 0; n < 1_000; n += 1) {
    map.set(`k${n}`, n, 60_000, 100);
    expect(map.keys().length * 100).toBeLessThanOrEqual(bounds.size);
  }
});

test('what is set again and again stays, whatever comes in between', () => {
  const map = new ExpiringMap<number>(new ManualClock(), bounds);
  for (let n = 0; n < 1_000; n += 1) {
    map.set(`k${n}`, n, 60_000);
    if (n % 10 === 0) map.set('hot', n, 60_000);
    expect(map.get('hot')).toBeGreaterThanOrEqual(n - 9);
  }
});

test('what is over is dropped without being asked for, and then no timer is left', async () => {
  const clock = new ManualClock();
  const map = new ExpiringMap<string>(clock, bounds);
  map.set('a', 'x', 100);
  map.set('b', 'y', 40_000);
  expect(clock.timers).toBe(1);
  await clock.advance(70_000);
  expect([clock.timers, map.keys()]).toEqual([0, []]);
});

test('closed, it has neither entries nor a timer', () => {
  const clock = new ManualClock();
  const map = new ExpiringMap<string>(clock, bounds);
  map.set('a', 'x', 100);
  map.close();
  expect([clock.timers, map.keys()]).toEqual([0, []]);
});
