import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Cache, cacheAside, type CacheAsideResource, memoryStore } from '@cache/core';
import { ManualClock, SharedStoreModel } from '@cache/core/testing';
import { cacheOn } from '../support/memory-cache.ts';
import { type Deferred, deferred } from '../support/deferred.ts';
import { rejectionOf } from '../support/failure.ts';

let clock: ManualClock;
let loads: Deferred<string>[];
let users: CacheAsideResource<string, string>;
let cache: Cache;
beforeEach(() => {
  clock = new ManualClock();
  loads = [];
  cache = cacheOn(clock);
  users = declare(cache);
});

const declare = (of: Cache): CacheAsideResource<string, string> =>
  of.resource(
    'user',
    cacheAside<string, string>({
      load: () => {
        loads.push(deferred());
        return loads.at(-1)!.promise;
      },
      ttl: '10s',
    }),
  );

const settled = async (promise: Promise<unknown>): Promise<boolean> => {
  let done = false;
  promise.then(
    () => (done = true),
    () => (done = true),
  );
  await clock.advance(0);
  return done;
};

describe('fresh', () => {
  test('loads what is cached anew, and caches it', async () => {
    const first = users.get('7');
    loads[0]!.resolve('old');
    await first;
    const fresh = users.get('7', { fresh: true });
    expect(await users.get('7')).toBe('old');
    loads[1]!.resolve('new');
    expect(await fresh).toBe('new');
    await clock.advance(0);
    expect(await users.get('7')).toBe('new');
  });

  test('does not take part in a load that began before, and all who ask meanwhile share the next', async () => {
    const first = users.get('7');
    const fresh = [users.refresh('7'), users.get('7', { fresh: true }), users.refresh('7')];
    await clock.advance(0);
    expect(loads).toHaveLength(1);
    loads[0]!.resolve('old');
    expect(await first).toBe('old');
    await clock.advance(0);
    loads[1]!.resolve('new');
    expect(await Promise.all(fresh)).toEqual(['new', 'new', 'new']);
    expect(loads).toHaveLength(2);
  });

  test('waits for no load that fails', async () => {
    const first = users.get('7');
    const fresh = users.refresh('7');
    loads[0]!.reject(new Error('down'));
    await expect(first).rejects.toThrow('down');
    await clock.advance(0);
    loads[1]!.resolve('new');
    expect(await fresh).toBe('new');
  });

  test('replaces what a shared tier has, for other processes too', async () => {
    const model = new SharedStoreModel(clock);
    const [here, there] = [model, model].map((each) =>
      declare(cacheOn(clock, { tiers: [memoryStore(), each.store()] })),
    );
    const first = here!.get('7');
    await clock.advance(0);
    loads[0]!.resolve('old');
    await first;
    await clock.advance(0);
    expect(await there!.get('7')).toBe('old');
    const fresh = there!.refresh('7');
    await clock.advance(0);
    loads[1]!.resolve('new');
    expect(await fresh).toBe('new');
    await clock.advance(1_000);
    expect(await here!.get('7')).toBe('new');
    expect(loads).toHaveLength(2);
  });
});

describe('a signal', () => {
  test('ends one caller’s wait, and not the load that others share', async () => {
    const controller = new AbortController();
    const aborted = users.get('7', { signal: controller.signal });
    const patient = users.get('7');
    controller.abort(new Error('the client has gone'));
    await expect(aborted).rejects.toThrow('the client has gone');
    loads[0]!.resolve('value');
    expect(await patient).toBe('value');
    expect(loads).toHaveLength(1);
  });

  test('that is the only caller’s leaves the load to fill the cache', async () => {
    const controller = new AbortController();
    const aborted = users.get('7', { signal: controller.signal });
    expect(await settled(aborted)).toBe(false);
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
    loads[0]!.resolve('value');
    await clock.advance(0);
    expect(users.peekLocal('7')).toBe('value');
  });

  test('that many calls share is listened to once, so that Node warns of nothing', async () => {
    const { signal } = new AbortController();
    const all = Array.from({ length: 50 }, (_, id) => users.get(String(id), { signal }));
    await clock.advance(0);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    for (const load of loads) load.resolve('value');
    await Promise.all(all);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('that is aborted already asks nobody', async () => {
    await expect(users.get('7', { signal: AbortSignal.abort(), fresh: true })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(loads).toHaveLength(0);
  });

  test('that is never aborted keeps no listener', async () => {
    let listeners = 0;
    // As a polyfill has it, of which no more is asked.
    const counted = {
      aborted: false,
      addEventListener: () => (listeners += 1),
      removeEventListener: () => (listeners -= 1),
    } as unknown as AbortSignal;
    const first = users.get('7', { signal: counted });
    await clock.advance(0);
    loads[0]!.resolve('value');
    await first;
    await clock.advance(0);
    expect(listeners).toBe(0);
  });
});

describe('ttl', () => {
  test('is that of the value which this call loads', async () => {
    const first = users.get('7', { ttl: '1m' });
    loads[0]!.resolve('long');
    await first;
    await clock.advance(59_999);
    expect(await users.get('7')).toBe('long');
    expect(loads).toHaveLength(1);
  });

  test('may be a function of the value', async () => {
    const tokens = cache.resource(
      'token',
      cacheAside({
        load: async (id: string) => ({ id, expiresIn: id.length }),
        ttl: ({ expiresIn }) => expiresIn * 1_000,
      }),
    );
    await tokens.get('12345');
    await clock.advance(4_999);
    expect(await tokens.has('12345')).toBe(true);
    await clock.advance(1);
    expect(await tokens.has('12345')).toBe(false);
  });

  test('that is no duration keeps the value from being cached, and the caller is given it', async () => {
    const tokens = cache.resource('token', cacheAside({ load: async (id: string) => id, ttl: () => -1 }));
    expect(await tokens.get('1')).toBe('1');
    expect(await tokens.peek('1')).toEqual({ hit: false });
  });
});

test.each<[object, string]>([
  [{ fresh: 'yes' }, 'true or false'],
  [{ signal: 5 }, 'AbortSignal.timeout(200)'],
  [{ ttl: 'soon' }, 'not a duration'],
  [{ fersh: true }, "did you mean 'fresh'?"],
])('%p is refused, with what to write', async (options, sentence) => {
  const error = await rejectionOf(users.get('7', options));
  expect(error.message).toContain(sentence);
  expect(loads).toHaveLength(0);
});

test('getOrSet takes the same', async () => {
  let count = 0;
  const load = async (): Promise<number> => (count += 1);
  expect(await cache.getOrSet('k', load, { grace: '1h', timeout: { soft: '1s' } })).toBe(1);
  expect(await cache.getOrSet('k', load, { fresh: true })).toBe(2);
  expect(await cache.getOrSet('k', load, { signal: new AbortController().signal })).toBe(2);
  await expect(cache.getOrSet('k', load, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    name: 'AbortError',
  });
});
