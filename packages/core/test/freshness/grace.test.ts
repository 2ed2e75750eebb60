import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Cache, cacheAside, type CacheAsideResource, memoryStore } from '@cache/core';
import { ManualClock, SharedStoreModel } from '@cache/core/testing';
import { brokenStore } from '../support/broken-store.ts';
import { cacheOn, heard } from '../support/memory-cache.ts';

const down = new Error('the source is down');

let clock: ManualClock;
let cache: Cache;
let source: { value: string; fails: boolean; asked: number };
beforeEach(() => {
  clock = new ManualClock();
  cache = cacheOn(clock);
  source = { value: 'old', fails: false, asked: 0 };
});

const load = async (): Promise<string> => {
  source.asked += 1;
  if (source.fails) throw down;
  return source.value;
};
const graceful = (of = cache): CacheAsideResource<string, string> =>
  of.resource('user', cacheAside<string, string>({ load, ttl: '10s', grace: '1h', tags: ['users'] }));

describe('a value within grace', () => {
  let users: CacheAsideResource<string, string>;
  beforeEach(async () => {
    users = graceful();
    await users.get('7');
    await clock.advance(20_000);
  });

  test('is not given while its source answers', async () => {
    source.value = 'new';
    expect(await users.get('7')).toBe('new');
  });

  test('is given where its source fails, which is told by events', async () => {
    source.fails = true;
    const told = { grace: heard(cache, 'grace'), loadError: heard(cache, 'loadError') };
    expect(await users.get('7')).toBe('old');
    expect(told).toEqual({
      grace: [{ resource: 'user', key: '7', reason: 'error' }],
      loadError: [{ resource: 'user', key: '7', error: down }],
    });
  });

  test('is given for a second without asking the source again', async () => {
    source.fails = true;
    await users.get('7');
    await clock.advance(999);
    expect(await Promise.all([users.get('7'), users.get('7')])).toEqual(['old', 'old']);
    expect(source.asked).toBe(2);
    source.fails = false;
    source.value = 'new';
    await clock.advance(1);
    expect(await users.get('7')).toBe('new');
  });

  test('is gone when grace is over', async () => {
    source.fails = true;
    await clock.advance(3_600_000);
    await expect(users.get('7')).rejects.toBe(down);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['evicted', () => users.evict('7')],
    ['cleared', () => users.clear()],
    ['cleared with all', () => cache.clear()],
    ['invalidated by tag', () => cache.invalidateTags('users')],
    ['changed', () => users.mutate('7', () => undefined)],
  ])('is not given any more once it was %s', async (_how, forget) => {
    source.fails = true;
    await users.get('7');
    await forget();
    await expect(users.get('7')).rejects.toBe(down);
  });

  test('is given by getMany as well, and who asks for a fresh value is told of the failure', async () => {
    source.fails = true;
    expect(await users.getMany(['7', '7'])).toEqual(['old', 'old']);
    await expect(users.get('7', { fresh: true })).rejects.toBe(down);
    await expect(users.refresh('7')).rejects.toBe(down);
  });

  test('counts as a hit of its own', async () => {
    source.fails = true;
    await users.get('7');
    await users.get('7');
    expect(users.stats()).toMatchObject({ hits: { grace: 2 }, loads: { started: 2, failed: 1 } });
  });
});

test('without grace, what a loader throws reaches the caller', async () => {
  const users = cache.resource('plain', cacheAside({ load, ttl: '10s' }));
  await users.get('7');
  await clock.advance(20_000);
  source.fails = true;
  await expect(users.get('7')).rejects.toBe(down);
});

describe('over processes', () => {
  const processes = (): { here: Cache; there: Cache } => {
    const model = new SharedStoreModel(clock);
    return { here: cacheOn(clock, { tiers: [model.store()] }), there: cacheOn(clock, { tiers: [model.store()] }) };
  };

  test('a value that another process has loaded is given where the source fails', async () => {
    const { here, there } = processes();
    await graceful(there).get('7');
    await clock.advance(20_000);
    source.fails = true;
    expect(await graceful(here).get('7')).toBe('old');
  });

  test('a value that another process has evicted is not given, though memory has it left', async () => {
    const model = new SharedStoreModel(clock);
    const users = graceful(cacheOn(clock, { tiers: [memoryStore(), model.store()] }));
    const elsewhere = graceful(cacheOn(clock, { tiers: [model.store()] }));
    await users.get('7');
    await clock.advance(20_000);
    await elsewhere.evict('7');
    source.fails = true;
    await expect(users.get('7')).rejects.toBe(down);
  });

  test('what memory has left is given where neither the source nor the shared tier answers', async () => {
    const shared = brokenStore(new SharedStoreModel(clock).store());
    const users = graceful(cacheOn(clock, { tiers: [memoryStore(), shared] }));
    await users.get('7');
    await clock.advance(20_000);
    source.fails = true;
    shared.break('rejects');
    expect(await users.get('7')).toBe('old');
  });
});

describe('errorTtl', () => {
  test('gives the error to later callers too, for so long', async () => {
    const users = cache.resource('user', cacheAside({ load, errorTtl: '2s' }));
    source.fails = true;
    await expect(users.get('7')).rejects.toBe(down);
    await clock.advance(1_999);
    await expect(users.get('7')).rejects.toBe(down);
    expect(source.asked).toBe(1);
    await clock.advance(1);
    source.fails = false;
    expect(await users.get('7')).toBe('old');
  });

  test('is over when the key is changed or evicted, or all is cleared', async () => {
    const users = cache.resource('user', cacheAside({ load, errorTtl: '1h' }));
    for (const forget of [() => users.mutate('7', () => undefined), () => users.evict('7'), () => users.clear()]) {
      source.fails = true;
      await expect(users.get('7')).rejects.toBe(down);
      source.fails = false;
      await forget();
      expect(await users.get('7')).toBe('old');
      await users.evict('7');
    }
  });

  test('is how long the source is left alone under grace', async () => {
    const users = cache.resource('user', cacheAside({ load, ttl: '10s', grace: '1h', errorTtl: '30s' }));
    await users.get('7');
    await clock.advance(20_000);
    source.fails = true;
    for (let read = 0; read < 3; read += 1) {
      expect(await users.get('7')).toBe('old');
      await clock.advance(9_000);
    }
    expect(source.asked).toBe(2);
  });

  test('without it, each read asks anew, and callers at the same time share one rejection', async () => {
    const users = cache.resource('user', cacheAside({ load }));
    source.fails = true;
    const settled = await Promise.allSettled(Array.from({ length: 20 }, () => users.get('7')));
    expect(settled.every((each) => each.status === 'rejected' && each.reason === down)).toBe(true);
    expect(source.asked).toBe(1);
    await expect(users.get('7')).rejects.toBe(down);
    expect(source.asked).toBe(2);
  });
});
