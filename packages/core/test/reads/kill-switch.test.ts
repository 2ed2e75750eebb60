import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Cache, cacheAside, memoryLedger, memoryStore, noCache, writeBehind, writeThrough } from '@cache/core';
import { ManualClock, SharedStoreModel } from '@cache/core/testing';
import { delay } from '../../src/model/clock.ts';
import { cacheOn } from '../support/memory-cache.ts';

let clock: ManualClock;
let model: SharedStoreModel;
let rows: Map<string, string>;
let loads: number;
beforeEach(() => {
  clock = new ManualClock();
  model = new SharedStoreModel(clock);
  rows = new Map([['7', 'row']]);
  loads = 0;
});

const load = async (id: string): Promise<string | null> => {
  loads += 1;
  return rows.get(id) ?? null;
};
const process = (): Cache => cacheOn(clock, { tiers: [memoryStore(), model.store()] });

describe('a cache that is disabled', () => {
  test('asks the source with every read, and keeps nothing', async () => {
    const cache = process();
    const users = cache.resource('user', cacheAside({ load, grace: '1h', staleWhileRevalidate: '1h' }));
    await users.get('7');
    cache.disable();
    expect(cache.enabled).toBe(false);
    rows.set('7', 'changed behind its back');
    expect(await users.get('7')).toBe('changed behind its back');
    expect(await users.getMany(['7'])).toEqual(['changed behind its back']);
    expect(await cache.getOrSet('k', () => 1)).toBe(1);
    expect(await cache.getOrSet('k', () => 2)).toBe(2);
    expect(users.peekLocal('7')).toBeUndefined();
    expect(await users.peek('7')).toEqual({ hit: false });
    expect(loads).toBe(3);
  });

  test('asks the source where a read from before has to look again', async () => {
    const cache = process();
    let times = 0;
    const load = async (): Promise<string> => {
      times += 1;
      if (times !== 2) return `load ${times}`;
      await delay(clock, 300);
      throw new Error('down');
    };
    const users = cache.resource('user', cacheAside({ load, ttl: '10s', grace: '1h' }));
    await users.get('7');
    await clock.advance(20_000);
    const answers = [users.get('7'), users.get('7')];
    await clock.advance(0);
    await users.put('7', 'stored');
    cache.disable();
    await clock.advance(300);
    expect(await Promise.all(answers)).toEqual(['load 1', 'load 3']);
  });

  test('still has callers at the same time share a load', async () => {
    const cache = process();
    const users = cache.resource('user', cacheAside({ load }));
    cache.disable();
    await Promise.all(Array.from({ length: 100 }, () => users.get('7')));
    expect(loads).toBe(1);
  });

  test('still deletes what changes, so that nothing old is there when it is enabled again', async () => {
    const cache = process();
    const users = cache.resource('user', cacheAside({ load }));
    const other = process().resource('user', cacheAside({ load }));
    await users.get('7');
    cache.disable();
    await users.mutate('7', () => rows.set('7', 'new'));
    expect(await other.get('7')).toBe('new');
    cache.enable();
    expect(await users.get('7')).toBe('new');
  });

  test('uses again, once enabled, what it has', async () => {
    const cache = process();
    const users = cache.resource('user', cacheAside({ load }));
    await users.get('7');
    await clock.advance(0); // It is kept after it has been answered.
    cache.disable();
    cache.enable();
    expect(users.peekLocal('7')).toBe('row');
  });

  test.each([
    ['touch', true, 'fresh'],
    ['expire', 'done', 'stale'],
  ] as const)('does to what memory has what %s says', async (change, answer, state) => {
    const cache = cacheOn(clock);
    const users = cache.resource('user', cacheAside({ load, ttl: '10s', grace: '1m' }));
    await users.get('7');
    await clock.advance(9_000);
    cache.disable();
    expect(await users[change]('7')).toBe(answer);
    cache.enable();
    await clock.advance(9_000);
    expect(await users.peek('7')).toMatchObject({ hit: true, state });
  });

  test('writes through, and caches nothing of it in memory', async () => {
    const cache = process();
    const carts = cache.resource(
      'cart',
      writeThrough<string, string | null>({ load, save: async (id, value) => rows.set(id, value!) }),
    );
    cache.disable();
    await carts.set('7', 'written');
    expect(rows.get('7')).toBe('written');
    expect(await carts.get('7')).toBe('written');
    expect(loads).toBe(1);
  });

  test('still gives what is written behind before its source has it', async () => {
    const cache = process();
    const views = cache.resource(
      'views',
      writeBehind<string, string | null>({
        load,
        saveMany: async (items) => items.forEach(({ key, value }) => rows.set(key, value!)),
        ledger: memoryLedger(),
      }),
    );
    cache.disable();
    await views.set('7', 'unwritten');
    expect(await views.get('7')).toBe('unwritten');
    expect(rows.get('7')).toBe('row');
    await views.flush();
    expect(rows.get('7')).toBe('unwritten');
    expect(await views.get('7')).toBe('unwritten');
    expect(loads).toBe(1);
    await cache.close();
  });
});

test('noCache is a cache that keeps nothing, for tests', async () => {
  const cache = noCache();
  const users = cache.resource('user', cacheAside({ load }));
  await users.get('7');
  await users.get('7');
  expect(loads).toBe(2);
  await cache.close();
});
