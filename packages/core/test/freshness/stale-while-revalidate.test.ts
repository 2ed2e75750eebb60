import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Cache, cacheAside, type CacheAsideResource, createCache } from '@cache/core';
import { ManualClock } from '@cache/core/testing';
import { cacheOn, heard } from '../support/memory-cache.ts';
import { type Deferred, deferred } from '../support/deferred.ts';

let clock: ManualClock;
let cache: Cache;
let loads: Deferred<string>[];
let users: CacheAsideResource<string, string>;
beforeEach(() => {
  clock = new ManualClock();
  cache = cacheOn(clock);
  loads = [];
  users = cache.resource(
    'user',
    cacheAside({
      load: (_id: string) => {
        const load = deferred<string>();
        loads.push(load);
        return load.promise;
      },
      ttl: '10s',
      staleWhileRevalidate: '5s',
      tags: ['users'],
    }),
  );
});

const filled = async (value: string): Promise<void> => {
  const first = users.get('7');
  loads[0]!.resolve(value);
  await first;
  await clock.advance(0);
};

describe('a value within staleWhileRevalidate', () => {
  beforeEach(() => filled('old'));

  test('is given at once, while one load in the background replaces it', async () => {
    await clock.advance(12_000);
    expect(await Promise.all([users.get('7'), users.get('7'), users.get('7')])).toEqual(['old', 'old', 'old']);
    expect(loads).toHaveLength(2);
    loads[1]!.resolve('new');
    await clock.advance(0);
    expect(await users.get('7')).toBe('new');
    expect(loads).toHaveLength(2);
  });

  test('is given up to the very millisecond in which that time ends', async () => {
    await clock.advance(14_999);
    expect(await users.get('7')).toBe('old');
    loads[1]!.reject(new Error('down'));
    await clock.advance(1);
    const late = users.get('7');
    loads[2]!.resolve('new');
    expect(await late).toBe('new');
  });

  test('is joined by who comes when it is over, instead of a second load', async () => {
    await clock.advance(14_000);
    await users.get('7');
    await clock.advance(2_000);
    const late = users.get('7');
    loads[1]!.resolve('new');
    expect(await late).toBe('new');
    expect(loads).toHaveLength(2);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['evicted', () => users.evict('7')],
    ['cleared', () => users.clear()],
    ['invalidated by tag', () => cache.invalidateTags('users')],
    ['changed', () => users.mutate('7', () => undefined)],
  ])('is not given any more once it was %s, and neither is what was loading', async (_how, forget) => {
    await clock.advance(12_000);
    await users.get('7');
    await forget();
    const after = users.get('7');
    loads[1]!.resolve('loaded before');
    loads[2]!.resolve('loaded after');
    expect(await after).toBe('loaded after');
    await clock.advance(0);
    expect(await users.get('7')).toBe('loaded after');
  });

  test('is given on while its source fails, which is asked once a second and told by event', async () => {
    const errors = heard(cache, 'loadError');
    await clock.advance(12_000);
    for (let read = 0; read < 5; read += 1) {
      expect(await users.get('7')).toBe('old');
      loads[1]!.reject(new Error('down'));
      await clock.advance(100);
    }
    expect(loads).toHaveLength(2);
    expect(errors).toHaveLength(1);
    await clock.advance(600);
    expect(await users.get('7')).toBe('old');
    expect(loads).toHaveLength(3);
  });

  test('is told by peek as stale, and not by has or peekLocal', async () => {
    await clock.advance(12_000);
    expect(await users.peek('7')).toEqual({ hit: true, value: 'old', age: 12_000, state: 'stale', tier: 'memory' });
    expect(await users.has('7')).toBe(false);
    expect(users.peekLocal('7')).toBeUndefined();
    expect(loads).toHaveLength(1);
  });

  test('is given by getMany as well, which replaces all that are stale by one load', async () => {
    const calls: (readonly string[])[] = [];
    const many = cache.resource(
      'many',
      cacheAside<string, string>({
        loadMany: async (ids) => {
          calls.push(ids);
          return ids.map((id) => `${id}#${calls.length}`);
        },
        ttl: '10s',
        staleWhileRevalidate: '5s',
      }),
    );
    await many.getMany(['a', 'b']);
    await clock.advance(12_000);
    expect(await many.getMany(['a', 'b', 'c'])).toEqual(['a#1', 'b#1', 'c#2']);
    expect(calls).toEqual([
      ['a', 'b'],
      ['a', 'b', 'c'],
    ]);
    expect(await many.getMany(['a', 'b', 'c'])).toEqual(['a#2', 'b#2', 'c#2']);
  });
});

test('an expired value is stale from then on, and a load in progress does not make it fresh', async () => {
  await filled('old');
  const refreshed = users.refresh('7');
  expect(await users.expire('7')).toBe('done');
  expect(await users.get('7')).toBe('old');
  loads[1]!.resolve('loaded before');
  await refreshed;
  await clock.advance(0);
  expect(await users.peek('7')).toMatchObject({ value: 'old', state: 'stale' });
  loads[2]!.resolve('new');
  await clock.advance(0);
  expect(await users.get('7')).toBe('new');
});

test("what is expired is so at once by the process' own clock too, of whose instants one may serve a whole turn", async () => {
  const own = createCache();
  let times = 0;
  const users = own.resource('user', cacheAside<string, number>({ load: () => (times += 1), ttl: '1m', grace: '1h' }));
  for (let round = 1; round <= 200; round += 1) {
    expect(await users.get('7')).toBe(round);
    await turn();
    await users.expire('7');
    expect(users.peekLocal('7')).toBeUndefined();
    expect(await users.get('7')).toBe(round + 1);
  }
  await own.close();
});

test('without staleWhileRevalidate or grace, what is expired is gone', async () => {
  const plain = cache.resource('plain', cacheAside({ load: async (id: string) => id }));
  await plain.get('7');
  await plain.expire('7');
  expect(await plain.peek('7')).toEqual({ hit: false });
});
