import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Cache, cacheAside, type CacheAsideResource, memoryStore } from '@cache/core';
import { ManualClock, SharedStoreModel } from '@cache/core/testing';
import { brokenStore } from '../support/broken-store.ts';
import { cacheOn } from '../support/memory-cache.ts';

let clock: ManualClock;
let loads: number;
beforeEach(() => {
  clock = new ManualClock();
  loads = 0;
});

const declare = (cache: Cache): CacheAsideResource<string, number> =>
  cache.resource(
    'user',
    cacheAside({ load: async (_id: string) => (loads += 1), ttl: '10s', staleWhileRevalidate: '5s' }),
  );

describe.each([
  ['memory', () => cacheOn(clock)],
  ['a shared tier', () => cacheOn(clock, { tiers: [new SharedStoreModel(clock).store()] })],
  ['both', () => cacheOn(clock, { tiers: [memoryStore(), new SharedStoreModel(clock).store()] })],
])('touch, in %s,', (_tiers, make) => {
  test('makes a fresh value fresh for another ttl, without loading it', async () => {
    const users = declare(make());
    await users.get('7');
    await clock.advance(9_000);
    expect(await users.touch('7')).toBe(true);
    await clock.advance(9_999);
    expect(await users.has('7')).toBe(true);
    expect(await users.get('7')).toBe(1);
    await clock.advance(1);
    expect(await users.has('7')).toBe(false);
  });

  test('does so for a ttl of its own', async () => {
    const users = declare(make());
    await users.get('7');
    await users.touch('7', { ttl: '1m' });
    await clock.advance(59_999);
    expect(await users.get('7')).toBe(1);
  });

  test.each<[string, (users: CacheAsideResource<string, number>) => Promise<unknown>]>([
    ['was never there', async () => undefined],
    ['is stale', (users) => users.get('7').then(() => clock.advance(12_000))],
    ['was evicted', (users) => users.get('7').then(() => users.evict('7'))],
    ['was cleared', (users) => users.get('7').then(() => users.clear())],
  ])('does nothing for what %s', async (_what, happens) => {
    const users = declare(make());
    await happens(users);
    expect(await users.touch('7')).toBe(false);
    expect(await users.has('7')).toBe(false);
  });

  test('leaves the age as it is: nobody has asked the source', async () => {
    const users = declare(make());
    await users.get('7');
    await clock.advance(9_000);
    await users.touch('7');
    expect(await users.peek('7')).toMatchObject({ age: 9_000, state: 'fresh' });
  });
});

test('expire, in a shared tier, is seen by other processes, which still have the old value meanwhile', async () => {
  const model = new SharedStoreModel(clock);
  const [here, there] = [model, model].map((each) => declare(cacheOn(clock, { tiers: [each.store()] })));
  await here!.get('7');
  await there!.expire('7');
  expect(await here!.peek('7')).toMatchObject({ hit: true, value: 1, state: 'stale' });
  expect(await here!.get('7')).toBe(1);
  await clock.advance(0);
  expect(await there!.get('7')).toBe(2);
  expect(loads).toBe(2);
});

test.each(['read', 'replace'] as const)('expire evicts where %s fails', async (method) => {
  const shared = brokenStore(new SharedStoreModel(clock).store());
  const users = declare(cacheOn(clock, { tiers: [memoryStore(), shared] }));
  await users.get('7');
  await clock.advance(0);
  shared.break('rejects', [method]);
  expect(await users.expire('7')).toBe('done');
  shared.mend();
  expect(await users.peek('7')).toEqual({ hit: false });
});

test('expire tells that it is pending while the shared tier is out of reach, and touch that it did nothing', async () => {
  const shared = brokenStore(new SharedStoreModel(clock).store());
  const users = declare(cacheOn(clock, { tiers: [memoryStore(), shared] }));
  await users.get('7');
  shared.break('rejects');
  expect(await users.touch('7')).toBe(false);
  expect(await users.expire('7')).toBe('pending');
});
