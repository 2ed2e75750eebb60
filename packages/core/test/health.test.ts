import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Cache, cacheAside, memoryStore } from '@cache/core';
import { ManualClock, SharedStoreModel } from '@cache/core/testing';
import { type BrokenStore, brokenError, brokenStore } from './support/broken-store.ts';
import { BusModel } from './support/bus-model.ts';
import { cacheOn } from './support/memory-cache.ts';

let clock: ManualClock;
let store: BrokenStore;
let bus: BusModel;
let cache: Cache;
beforeEach(async () => {
  clock = new ManualClock();
  store = brokenStore(new SharedStoreModel(clock).store());
  bus = new BusModel();
  cache = cacheOn(clock, { tiers: [memoryStore(), store], bus: bus.bus() });
  await clock.advance(0);
});

const store1 = { store: 'model', up: true, breaker: 'closed', lastError: undefined, pendingRepairs: 0 };
const fail = async (): Promise<void> => {
  const values = cache.resource('value', cacheAside<string, string>({ load: async (key) => key }));
  store.break('rejects');
  for (let call = 0; call < 5; call += 1) await values.get(String(call));
};

test('a cache in memory alone is well, and there is nothing more to say', () => {
  expect(cacheOn(clock).health()).toEqual({ ok: true, shared: undefined, bus: undefined });
});

test('a cache whose store answers and whose bus is heard is well', () => {
  expect(cache.health()).toEqual({ ok: true, shared: store1, bus: { name: 'model bus', heard: true } });
});

describe('a store that is left alone', () => {
  test('is down, and says why and since when it failed last', async () => {
    await fail();
    const lastError = { error: brokenError, at: clock.now() };
    expect(cache.health()).toMatchObject({ ok: false, shared: { ...store1, up: false, breaker: 'open', lastError } });
  });

  test('owes the deletions it has not been told of', async () => {
    await fail();
    await cache.evict('a');
    expect(cache.health().shared?.pendingRepairs).toBe(1);
  });

  test('is half open while it is probed, and up once the probe has found it well', async () => {
    await fail();
    store.break('hangs');
    await clock.advance(250);
    expect(cache.health().shared?.breaker).toBe('half-open');
    store.mend();
    await clock.advance(1_000);
    expect(cache.health()).toMatchObject({ ok: true, shared: { up: true, breaker: 'closed' } });
  });
});

test('a bus that is not heard is told of', async () => {
  bus.disconnect();
  expect(cache.health()).toMatchObject({ ok: false, bus: { heard: false }, shared: { up: true } });
});

test('a cache that is closed is not well', async () => {
  await cache.close();
  expect(cache.health()).toMatchObject({ ok: false, shared: { up: false } });
});
