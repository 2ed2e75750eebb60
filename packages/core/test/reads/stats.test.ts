import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  type Cache,
  cacheAside,
  type CacheAsideResource,
  type Clock,
  createCache,
  memoryStore,
  type ResourceStats,
} from '@cache/core';
import { ManualClock, SharedStoreModel } from '@cache/core/testing';
import { cacheOn } from '../support/memory-cache.ts';

let clock: ManualClock;
let cache: Cache;
beforeEach(() => {
  clock = new ManualClock();
  cache = cacheOn(clock, {
    tiers: [memoryStore({ maxEntries: 2, maxBytes: '1mb' }), new SharedStoreModel(clock).store()],
  });
});

test('a cache tells of each resource where its reads were answered, and what its loads took', async () => {
  const users = cache.resource(
    'user',
    cacheAside({
      load: async (id: string) => {
        await new Promise<void>((resolve) => clock.setTimer(Number(id), resolve));
        return id;
      },
      ttl: '10s',
      staleWhileRevalidate: '10s',
    }),
  );
  const first = users.get('100');
  const joined = users.get('100');
  await clock.advance(50);
  expect(users.stats().loads.inFlight).toBe(1);
  await clock.advance(50);
  await Promise.all([first, joined]);
  await users.get('100');
  await clock.advance(5_000);
  await users.get('100');
  await clock.advance(6_000);
  await users.get('100');
  await clock.advance(100);
  const stats = cache.stats().resources['user']!;
  expect(stats).toMatchObject({
    hits: { memory: { fresh: 1, stale: 0 }, shared: { fresh: 1, stale: 1 }, unwritten: 0, grace: 0 },
    misses: 1,
    joined: 1,
    loads: { started: 2, failed: 0, timedOut: 0, inFlight: 0 },
    memory: { entries: 1 },
  });
  expect(stats.loads.ms).toMatchObject({ count: 2, mean: 100, max: 100 });
  expect(stats.loads.ms.p50).toBeGreaterThan(90);
  expect(stats.loads.ms.p99).toBeLessThanOrEqual(100);
  expect(users.stats()).toEqual(stats);
});

test('what a loader took counts from before it is called, though it keeps the process busy', async () => {
  let time = 0;
  let readingOfTurn = 0;
  const busy: Clock = {
    now: () => time,
    elapsed: (anew) => (anew === true ? (readingOfTurn = time) : readingOfTurn),
    setTimer: (ms, run) => clock.setTimer(ms, run),
  };
  const values = createCache({ clock: busy }).resource('value', cacheAside({ load: (_id: string) => (time += 60) }));
  time = 1_000; // The turn had something else to do before.
  expect(await values.get('7')).toBe(1_060);
  expect(values.stats().loads.ms).toMatchObject({ count: 1, mean: 60, max: 60 });
});

describe('each read counts once', () => {
  let fails: boolean;
  let users: CacheAsideResource<string, string>;
  beforeEach(() => {
    fails = false;
    const load = (): Promise<string> => (fails ? Promise.reject(new Error('down')) : Promise.resolve('value'));
    users = cacheOn(clock).resource(
      'user',
      cacheAside<string, string>({ load, ttl: '10s', grace: '1m', errorTtl: '1s' }),
    );
  });
  const sum = ({ hits, misses, joined, refreshed }: ResourceStats): number => {
    const { memory, shared, unwritten, grace, error } = hits;
    const answered = memory.fresh + memory.stale + shared.fresh + shared.stale + unwritten + grace + error;
    return answered + misses + joined + refreshed;
  };

  test('one that grace saves is no miss', async () => {
    await users.get('7');
    await clock.advance(20_000);
    fails = true;
    await Promise.all([users.get('7'), users.get('7')]);
    await users.get('7');
    expect(users.stats()).toMatchObject({ hits: { grace: 2, error: 0 }, misses: 1, joined: 1 });
    expect(sum(users.stats())).toBe(4);
  });

  test('one that grace is too late for is a miss', async () => {
    await users.get('7');
    await clock.advance(100_000);
    fails = true;
    await users.get('7').catch(() => undefined);
    expect(users.stats()).toMatchObject({ hits: { grace: 0 }, misses: 2 });
  });

  test('one that is given the error of another one is a hit of a kind of its own', async () => {
    fails = true;
    for (let read = 0; read < 3; read += 1) await users.get('7').catch(() => undefined);
    expect(users.stats()).toMatchObject({ hits: { error: 2 }, misses: 1, loads: { failed: 1 } });
    expect(sum(users.stats())).toBe(3);
  });

  test('one that asks for a load of its own is neither hit nor miss', async () => {
    await users.get('7');
    await users.refresh('7');
    await users.get('7', { fresh: true });
    expect(users.stats()).toMatchObject({ hits: { memory: { fresh: 0 } }, misses: 1, refreshed: 2 });
    expect(sum(users.stats())).toBe(3);
  });
});

test('it tells what memory holds, and why it dropped what it does not hold', async () => {
  const values = cache.resource('value', cacheAside({ load: async (id: string) => id.repeat(10) }));
  for (const id of ['a', 'b', 'c']) await values.get(id);
  await clock.advance(0); // It is kept after it has been answered.
  const { memory } = values.stats();
  expect(memory).toMatchObject({ entries: 2, evictions: { capacity: 1, expired: 0, tooLarge: 0 } });
  expect(memory.bytes).toBeGreaterThan(100);
});

test('a value that is larger than all of memory is given out and told by an event', async () => {
  const small = createCache({ tiers: [memoryStore({ maxBytes: 2_000 })] });
  const told: unknown[] = [];
  small.on('tooLarge', (event) => told.push(event));
  const values = small.resource('value', cacheAside({ load: async (size: number) => 'x'.repeat(size) }));
  expect(await values.get(5_000)).toHaveLength(5_000);
  expect(told).toEqual([{ resource: 'value', key: '5000', store: 'memory' }]);
  expect(values.peekLocal(5_000)).toBeUndefined();
  expect(values.stats().memory.evictions.tooLarge).toBe(1);
});

test('ad hoc keys are counted together', async () => {
  await cache.getOrSet('a', () => 1);
  await cache.getOrSet('a', () => 2);
  expect(cache.stats()).toMatchObject({ resources: {}, adHoc: { misses: 1, hits: { memory: { fresh: 1 } } } });
});
