import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Cache, cacheAside, type CacheAsideResource, memoryStore } from '@cache/core';
import { ManualClock, SharedStoreModel } from '@cache/core/testing';
import { cacheOn, heard } from '../support/memory-cache.ts';
import { type Deferred, deferred } from '../support/deferred.ts';
import { rejectionOf, thrownBy } from '../support/failure.ts';

let clock: ManualClock;
let cache: Cache;
let loads: (Deferred<string> & { signal: AbortSignal })[];
beforeEach(() => {
  clock = new ManualClock();
  cache = cacheOn(clock);
  loads = [];
});

const slow = (of = cache): CacheAsideResource<string, string> =>
  of.resource(
    'user',
    cacheAside<string, string>({
      load: (_id, { signal }) => {
        const load = { ...deferred<string>(), signal };
        loads.push(load);
        return load.promise;
      },
      ttl: '10s',
      grace: '1h',
      timeout: { soft: '200ms', hard: '5s' },
    }),
  );

const withOldValue = async (): Promise<CacheAsideResource<string, string>> => {
  const users = slow();
  const first = users.get('7');
  loads[0]!.resolve('old');
  await first;
  await clock.advance(20_000);
  return users;
};

describe('after the soft time-out', () => {
  test('the old value is given, and the load goes on for those to come', async () => {
    const users = await withOldValue();
    const graces = heard(cache, 'grace');
    const early = users.get('7');
    await clock.advance(200);
    expect(await early).toBe('old');
    expect(graces).toEqual([{ resource: 'user', key: '7', reason: 'timeout' }]);
    expect(loads[1]!.signal.aborted).toBe(false);
    loads[1]!.resolve('new');
    await clock.advance(0);
    expect(await users.get('7')).toBe('new');
    expect(loads).toHaveLength(2);
  });

  test('who comes while that load goes on is given the old value at once', async () => {
    const users = await withOldValue();
    const early = users.get('7');
    await clock.advance(1_000);
    await early;
    const late = users.get('7');
    await clock.advance(0);
    expect(await late).toBe('old');
    expect(loads).toHaveLength(2);
  });

  test('a load that fails later harms nobody', async () => {
    const users = await withOldValue();
    const early = users.get('7');
    await clock.advance(200);
    loads[1]!.reject(new Error('down'));
    expect(await early).toBe('old');
    expect(await users.get('7')).toBe('old');
  });

  test('without an old value, callers wait on', async () => {
    const users = slow();
    const first = users.get('7');
    await clock.advance(4_000);
    loads[0]!.resolve('late');
    expect(await first).toBe('late');
  });
});

describe('after the hard time-out', () => {
  test('callers are told, and the signal is aborted with the same error', async () => {
    const users = slow();
    const errors = heard(cache, 'loadError');
    const rejected = Promise.all([rejectionOf(users.get('7')), rejectionOf(users.get('7'))]);
    await clock.advance(5_000);
    const [error, other] = await rejected;
    expect(error).toMatchObject({ code: 'LOAD_TIMEOUT', resource: 'user', key: '7' });
    expect(error.message).toContain('5000 ms');
    expect(other).toBe(error);
    expect(loads[0]!.signal).toMatchObject({ aborted: true, reason: error });
    expect(errors).toEqual([{ resource: 'user', key: '7', error }]);
    expect(users.stats().loads).toMatchObject({ failed: 1, timedOut: 1 });
  });

  test('the old value is given instead where there is one', async () => {
    const users = cache.resource(
      'quiet',
      cacheAside<string, string>({
        load: () => (loads.length === 0 ? 'old' : new Promise<string>(() => undefined)),
        ttl: '10s',
        grace: '1h',
        timeout: { hard: '5s' },
      }),
    );
    await users.get('7');
    loads.push({ ...deferred<string>(), signal: new AbortController().signal });
    await clock.advance(20_000);
    const late = users.get('7');
    await clock.advance(5_000);
    expect(await late).toBe('old');
  });

  test('the next caller has a load of its own', async () => {
    const users = slow();
    const first = rejectionOf(users.get('7'));
    await clock.advance(5_000);
    await first;
    await clock.advance(1_000);
    const second = users.get('7');
    loads[1]!.resolve('new');
    expect(await second).toBe('new');
  });

  test('so has he over a shared tier, where the load that hangs has the lease', async () => {
    const users = slow(cacheOn(clock, { tiers: [memoryStore(), new SharedStoreModel(clock).store()] }));
    const first = rejectionOf(users.get('7'));
    await clock.advance(5_000);
    await first;
    const second = users.get('7');
    await clock.advance(0);
    loads[1]!.resolve('new');
    expect(await second).toBe('new');
    loads[0]!.resolve('late');
    await clock.advance(0);
    expect(await users.peek('7')).toMatchObject({ value: 'new' });
  });

  test('what the load brings all the same is kept, if nothing has changed the key', async () => {
    const users = slow();
    const first = rejectionOf(users.get('7'));
    await clock.advance(5_000);
    await first;
    loads[0]!.resolve('late');
    await clock.advance(0);
    expect(await users.get('7')).toBe('late');
    expect(loads).toHaveLength(1);
  });

  test.each<[string, (users: CacheAsideResource<string, string>) => Promise<unknown>]>([
    ['the key was evicted', (users) => users.evict('7')],
    ['the resource was cleared', (users) => users.clear()],
    ['the key was changed', (users) => users.mutate('7', () => undefined)],
    ['as long again has passed', () => clock.advance(5_000)],
    ['the cache was closed', () => cache.close()],
  ])('what the load brings is not kept once %s', async (_what, happens) => {
    const users = slow();
    const first = rejectionOf(users.get('7'));
    await clock.advance(5_000);
    await first;
    await happens(users);
    loads[0]!.resolve('late');
    await clock.advance(0);
    expect(users.peekLocal('7')).toBeUndefined();
  });

  test('its lease goes to another process once as long again has passed', async () => {
    const model = new SharedStoreModel(clock);
    const here = slow(cacheOn(clock, { tiers: [memoryStore(), model.store()] }));
    const there = slow(cacheOn(clock, { tiers: [memoryStore(), model.store()] }));
    const hanging = rejectionOf(here.get('7'));
    await clock.advance(5_000);
    await hanging;
    await clock.advance(4_900);
    const waiting = there.get('7');
    await clock.advance(50);
    expect(loads).toHaveLength(1);
    await clock.advance(150);
    loads[1]!.resolve('new');
    expect(await waiting).toBe('new');
  });

  test('a load that ends in time leaves no timer behind', async () => {
    const users = slow();
    const first = users.get('7');
    loads[0]!.resolve('value');
    await first;
    await clock.advance(0);
    await cache.close();
    expect(clock.timers).toBe(0);
  });

  test('a load that hangs leaves none behind once the cache is closed', async () => {
    const users = await withOldValue();
    void users.get('7');
    const closing = cache.close();
    await clock.advance(10_000);
    await closing;
    expect(clock.timers).toBe(0);
  });

  test('is a minute after the load began, if nothing else is said', async () => {
    const users = cache.resource('plain', cacheAside({ load: (_id: string) => new Promise<string>(() => undefined) }));
    let error: unknown;
    users.get('7').catch((reason: unknown) => (error = reason));
    await clock.advance(59_999);
    expect(error).toBeUndefined();
    await clock.advance(1);
    expect(error).toMatchObject({ code: 'LOAD_TIMEOUT' });
  });
});

test('a soft time-out needs grace, and to come before the hard one', () => {
  const declare = (options: object) => () => cache.resource('bad', cacheAside({ load: () => 1, ...options }));
  expect(thrownBy(declare({ timeout: { soft: '1s' } })).message).toContain('grace');
  expect(thrownBy(declare({ timeout: { soft: '5s', hard: '5s' }, grace: '1h' })).message).toContain('below');
  expect(thrownBy(declare({ timeout: { soft: 0 }, grace: '1h' })).code).toBe('INVALID_OPTION');
  expect(thrownBy(declare({ timeout: { hrad: '1s' } })).message).toContain("did you mean 'hard'?");
  expect(thrownBy(declare({ timeout: '1s' })).code).toBe('INVALID_OPTION');
});
