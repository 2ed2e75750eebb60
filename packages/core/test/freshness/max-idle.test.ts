import { beforeEach, expect, test } from '@jest/globals';
import { type Cache, cacheAside, type CacheAsideResource, memoryStore } from '@cache/core';
import { ManualClock, SharedStoreModel } from '@cache/core/testing';
import { cacheOn } from '../support/memory-cache.ts';

let clock: ManualClock;
let loads: number;
beforeEach(() => {
  clock = new ManualClock();
  loads = 0;
});

const idle = (cache: Cache): CacheAsideResource<string, number> =>
  cache.resource('user', cacheAside({ load: async (_id: string) => (loads += 1), ttl: '1h', maxIdle: '10s' }));

test('memory forgets what has not been read for so long', async () => {
  const users = idle(cacheOn(clock));
  await users.get('7');
  await clock.advance(9_999);
  expect(await users.get('7')).toBe(1);
  await clock.advance(10_000);
  expect(await users.get('7')).toBe(2);
});

test('what nobody reads leaves memory by itself, long before its ttl', async () => {
  const users = idle(cacheOn(clock));
  for (let id = 0; id < 100; id += 1) await users.get(String(id));
  await clock.advance(70_000);
  expect(users.stats().memory).toMatchObject({ entries: 0, evictions: { expired: 100 } });
});

test('what is read now and then stays, for as long as it is fresh', async () => {
  const users = idle(cacheOn(clock));
  await users.get('7');
  for (let elapsed = 0; elapsed < 3_599_000; elapsed += 7_000) {
    expect(await users.get('7')).toBe(1);
    await clock.advance(7_000);
  }
  expect(await users.get('7')).toBe(2);
});

test('to peek is not to read', async () => {
  const users = idle(cacheOn(clock));
  await users.get('7');
  await clock.advance(6_000);
  expect(await users.peek('7')).toMatchObject({ hit: true });
  expect(users.peekLocal('7')).toBe(1);
  await clock.advance(6_000);
  expect(await users.peek('7')).toEqual({ hit: false });
});

test('a shared tier keeps it', async () => {
  const users = idle(
    cacheOn(clock, { tiers: [memoryStore(), new SharedStoreModel(clock).store()], maxLocalStaleness: '1h' }),
  );
  await users.get('7');
  await clock.advance(20_000);
  expect(await users.get('7')).toBe(1);
});
