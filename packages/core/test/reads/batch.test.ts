import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  type Cache,
  cacheAside,
  type CacheAsideOptions,
  type CacheAsideResource,
  type CacheOptions,
  memoryStore,
  type SharedStore,
} from '@cache/core';
import { ManualClock, SharedStoreModel } from '@cache/core/testing';
import { cacheOn } from '../support/memory-cache.ts';
import { deferred, type Deferred } from '../support/deferred.ts';
import { rejectionOf, thrownBy } from '../support/failure.ts';

let clock: ManualClock;
let cache: Cache;
let calls: (readonly string[])[];
beforeEach(() => {
  clock = new ManualClock();
  cache = cacheOn(clock);
  calls = [];
});

const batching = (
  options: Partial<CacheAsideOptions<string, string | null>> = {},
): CacheAsideResource<string, string | null> =>
  cache.resource(
    'user',
    cacheAside<string, string | null>({
      loadMany: async (ids) => {
        calls.push(ids);
        return ids.map((id) => (id === 'nobody' ? null : `user ${id}`));
      },
      batch: true,
      ...options,
    }),
  );

describe('with batch, the gets of one turn', () => {
  test('are loaded by one loadMany, each key once', async () => {
    const users = batching();
    const values = await Promise.all(['1', '2', '1', 'nobody'].map((id) => users.get(id)));
    expect(values).toEqual(['user 1', 'user 2', 'user 1', null]);
    expect(calls).toEqual([['1', '2', 'nobody']]);
    await users.get('1');
    expect(calls).toHaveLength(1);
  });

  test('take along those that promises of the same turn lead to', async () => {
    const users = batching();
    const author = async (id: string): Promise<unknown> => {
      await Promise.resolve();
      await Promise.resolve();
      return users.get(id);
    };
    await Promise.all([users.get('1'), author('2'), author('3')]);
    expect(calls).toEqual([['1', '2', '3']]);
  });

  test('are loaded by several where they are more than max', async () => {
    const users = batching({ batch: { max: 2 } });
    await Promise.all(['1', '2', '3', '4', '5'].map((id) => users.get(id)));
    expect(calls).toEqual([['1', '2'], ['3', '4'], ['5']]);
  });

  test('share the error of their loadMany', async () => {
    const users = batching({ loadMany: () => Promise.reject(new Error('down')) });
    const settled = await Promise.allSettled([users.get('1'), users.get('2')]);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  test('are not held up by a load of the next turn', async () => {
    const users = batching();
    await users.get('1');
    await users.get('2');
    expect(calls).toEqual([['1'], ['2']]);
  });
});

test('without it, each get loads for itself', async () => {
  const users = batching({ batch: false });
  await Promise.all([users.get('1'), users.get('2')]);
  expect(calls).toEqual([['1'], ['2']]);
});

test('it needs loadMany, and a size', () => {
  expect(thrownBy(() => cacheAside({ load: (id: string) => id, batch: true })).message).toContain('loadMany');
  expect(thrownBy(() => batching({ batch: { max: 0 } })).code).toBe('INVALID_OPTION');
});

describe('maxConcurrentLoads', () => {
  test('bounds the loads that run at once; the others follow in their order', async () => {
    const loads = new Map<string, Deferred<string>>();
    const users = cache.resource(
      'slow',
      cacheAside({
        load: (id: string) => {
          const load = deferred<string>();
          loads.set(id, load);
          return load.promise;
        },
        maxConcurrentLoads: 2,
      }),
    );
    const values = Promise.all(['1', '2', '3', '4'].map((id) => users.get(id)));
    expect([...loads.keys()]).toEqual(['1', '2']);
    loads.get('2')!.resolve('two');
    await clock.advance(0);
    expect([...loads.keys()]).toEqual(['1', '2', '3']);
    loads.get('1')!.resolve('one');
    loads.get('3')!.resolve('three');
    await clock.advance(0);
    loads.get('4')!.resolve('four');
    expect(await values).toEqual(['one', 'two', 'three', 'four']);
  });

  test('leaves room again where a load fails, and keeps nobody in line longer than the hard time-out', async () => {
    let running = 0;
    const users = cache.resource(
      'slow',
      cacheAside({
        load: (id: string): Promise<string> => {
          running += 1;
          return id === 'hangs' ? new Promise(() => undefined) : Promise.reject(new Error(`no ${id}`));
        },
        maxConcurrentLoads: 1,
        timeout: { hard: '2s' },
      }),
    );
    await expect(users.get('1')).rejects.toThrow('no 1');
    const hanging = rejectionOf(users.get('hangs'));
    const waiting = rejectionOf(users.get('2'));
    await clock.advance(2_000);
    const codes = (await Promise.all([hanging, waiting])).map(({ code }) => code);
    expect(codes).toEqual(['LOAD_TIMEOUT', 'LOAD_TIMEOUT']);
    expect(running).toBe(2);
  });
});

describe('warm', () => {
  const sharedStore = (): SharedStore => new SharedStoreModel(new ManualClock()).store();

  test('loads what is missing, in portions, and tells how many keys are cached now', async () => {
    const users = batching();
    await users.get('1');
    const keys = Array.from({ length: 1_200 }, (_, id) => String(id));
    expect(await users.warm(keys)).toBe(1_200);
    expect(calls.map(({ length }) => length)).toEqual([1, 499, 500, 200]);
    expect(users.peekLocal('1199')).toBe('user 1199');
  });

  test('goes on where loads fail, and tells of it by its count', async () => {
    const users = cache.resource(
      'some',
      cacheAside({ load: (id: number) => (id % 2 === 0 ? Promise.resolve(id) : Promise.reject(new Error('odd'))) }),
    );
    expect(await users.warm(new Set([1, 2, 3, 4]))).toBe(2);
  });

  test('counts a key once, be it given twice, as a number and as text', async () => {
    const users = cache.resource('number', cacheAside({ load: (id: string | number) => Number(id) }));
    expect(await users.warm([1, '1', 2, 2])).toBe(2);
  });

  test.each<[string, CacheOptions, number]>([
    ['nothing where nothing is kept', { enabled: false }, 0],
    ['what there is room for', { tiers: [memoryStore({ maxEntries: 2 })] }, 2],
    ['what the shared tier has besides', { tiers: [memoryStore({ maxEntries: 2 }), sharedStore()] }, 1_000],
  ])('counts %s', async (_what, options, cached) => {
    const users = cacheOn(clock, options).resource('user', cacheAside({ load: (id: number) => id }));
    expect(await users.warm(Array.from({ length: 1_000 }, (_, id) => id))).toBe(cached);
  });

  test('counts what is known not to exist, and not what nothing is known of', async () => {
    const load = (id: number): number | null | undefined => [1, null, undefined][id];
    expect(await cache.resource('some', cacheAside({ load })).warm([0, 1, 2])).toBe(2);
  });
});
