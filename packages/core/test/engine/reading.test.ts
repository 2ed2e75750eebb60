import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { cacheAside, type CacheAsideOptions, memoryStore, type Store } from '@cache/core';
import { ManualClock, SharedStoreModel } from '@cache/core/testing';
import { type BrokenStore, brokenStore } from '../support/broken-store.ts';
import { type Deferred, deferred } from '../support/deferred.ts';
import { cacheOn } from '../support/memory-cache.ts';

let clock: ManualClock;
let model: SharedStoreModel;
let store: BrokenStore;
beforeEach(() => {
  clock = new ManualClock();
  model = new SharedStoreModel(clock);
  store = brokenStore(model.store());
});

type Options = Omit<CacheAsideOptions<string, string>, 'load' | 'loadMany'>;

/** A process whose source answers at once with the key and how often it was asked, until it is made to fail or wait. */
function open(options: Options = {}, tiers: readonly Store[] = [memoryStore(), store], random = Math.random) {
  const cache = cacheOn(clock, { tiers, maxLocalStaleness: '1s', random });
  let fault: Error | undefined;
  let slow: Deferred<void> | undefined;
  let asked = 0;
  const loadMany = jest.fn(async (ids: readonly string[]) => {
    asked += 1;
    const now = asked;
    await slow?.promise;
    if (fault !== undefined) throw fault;
    return ids.map((id) => `${id} of ${now}`);
  });
  const users = cache.resource('user', cacheAside<string, string>({ ttl: '10s', ...options, loadMany }));
  return {
    cache,
    users,
    loadMany,
    fail: (error: Error | undefined) => (fault = error),
    hold: () => (slow = deferred()),
  };
}

const grace = { grace: '1h', timeout: { soft: '1s', hard: '10s' } } as const;

describe('a getMany comes to its end', () => {
  test.each([1, 2, 3])(
    'whatever its keys have in the shared tier, and joins what is under way (%p)',
    async (joined) => {
      const other = open({ staleWhileRevalidate: '10s', grace: '1h' });
      const { users, hold } = open({ staleWhileRevalidate: '10s', grace: '1h' });
      await other.users.get('over');
      await clock.advance(10_000);
      await other.users.get('stale');
      await clock.advance(10_000);
      await other.users.get('fresh');
      await clock.advance(1_000);
      const slow = hold();
      const early = Array.from({ length: joined }, (_, index) => users.get(`joined ${index}`));
      await clock.advance(0);
      const all = users.getMany(['fresh', 'stale', 'over', 'absent', ...early.map((_, index) => `joined ${index}`)]);
      await clock.advance(0);
      slow.resolve();
      expect((await all).slice(0, 3)).toEqual(['fresh of 3', 'stale of 2', expect.stringMatching(/^over of/)]);
      await Promise.all(early);
    },
  );

  test('where a failure is remembered for one key, be it as an error or as a pause', async () => {
    for (const options of [{ errorTtl: '1m' }, { errorTtl: '1m', grace: '1h' }] as const) {
      const { users, fail, loadMany } = open(options, [memoryStore()]);
      if ('grace' in options) await users.get('a');
      await clock.advance(10_000);
      fail(new Error('down'));
      await users.get('a').catch(() => undefined);
      fail(undefined);
      const both = await Promise.allSettled([users.getMany(['a', 'b']), users.getMany(['b', 'c'])]);
      expect(both[1]).toMatchObject({ status: 'fulfilled' });
      expect(loadMany.mock.calls.slice(-2).map(([ids]) => ids)).toEqual([['b'], ['c']]);
    }
  });

  test('where another process loads one of its keys: the others do not wait for that', async () => {
    const [one, other] = [open(), open()];
    const theirs = one.hold();
    const first = one.users.get('a');
    await clock.advance(100);
    const many = other.users.getMany(['a', 'b']);
    await clock.advance(100);
    expect(other.loadMany.mock.calls.map(([ids]) => ids)).toEqual([['b']]);
    theirs.resolve();
    await clock.advance(100);
    expect(await Promise.all([first, many])).toEqual(['a of 1', ['a of 1', 'b of 1']]);
  });

  test('where the hard time-out comes before the shared tier has granted the load', async () => {
    const { users } = open({ timeout: { hard: '100ms' } });
    store.break('hangs', ['lease']);
    const many = users.getMany(['a', 'b']).catch((error: unknown) => error);
    await clock.advance(100);
    expect(await many).toMatchObject({ code: 'LOAD_TIMEOUT' });
    store.mend();
    await clock.advance(2_000);
    expect(await users.getMany(['a', 'b'])).toEqual(['a of 1', 'b of 1']);
  });
});

describe('an old value under grace', () => {
  test('is not given to who asks after another process has evicted it, though he joins a read from before', async () => {
    const [one, other] = [open(grace), open(grace)];
    await one.users.get('a');
    await clock.advance(11_000);
    const slow = one.hold();
    one.fail(new Error('down'));
    const before = one.users.get('a');
    await clock.advance(500);
    await other.users.evict('a');
    const after = one.users.get('a').catch((error: unknown) => error);
    await clock.advance(0);
    slow.resolve();
    await clock.advance(0);
    expect(await before).toBe('a of 1');
    expect(await after).toEqual(new Error('down'));
  });

  test('is given to all who ask while the source is slow, by one load and no error', async () => {
    const { users, hold, loadMany } = open(grace);
    await users.get('a');
    await clock.advance(11_000);
    const slow = hold();
    const all = [users.get('a'), users.get('a')];
    await clock.advance(500);
    all.push(users.get('a'));
    await clock.advance(500);
    expect(await Promise.all(all)).toEqual(['a of 1', 'a of 1', 'a of 1']);
    expect(loadMany).toHaveBeenCalledTimes(2);
    slow.resolve();
    await clock.advance(0);
    expect(await users.get('a')).toBe('a of 2');
    expect(loadMany).toHaveBeenCalledTimes(2);
  });

  test.each(['memory alone', 'a shared tier alone', 'both'])(
    'is not given once it was evicted or invalidated: %s',
    async (which) => {
      const tiers = { 'memory alone': [memoryStore()], 'a shared tier alone': [store], both: [memoryStore(), store] };
      const { cache, users, fail } = open(
        { ...grace, tags: ['org'], staleWhileRevalidate: '1h' },
        tiers[which as 'both'],
      );
      const invalidate = [
        () => users.evict('a'),
        () => users.clear(),
        () => cache.clear(),
        () => cache.invalidateTags('org'),
        () => users.mutate('a', () => undefined),
      ];
      for (const each of invalidate) {
        fail(undefined);
        await users.get('a');
        await clock.advance(11_000);
        fail(new Error('down'));
        await each();
        await expect(users.get('a')).rejects.toThrow('down');
        expect(await users.peek('a')).toEqual({ hit: false });
      }
    },
  );

  test('is not given where memory holds a value that is not to be trusted any more, without grace', async () => {
    const { users, fail } = open({ ttl: '1h' });
    await users.get('a');
    store.break('rejects');
    fail(new Error('down'));
    await clock.advance(1_000);
    await expect(users.get('a')).rejects.toThrow('down');
  });
});

test('a source that fails is not asked by every read that would refresh a shared value ahead', async () => {
  const { users, hold, fail, loadMany } = open({ refreshAhead: 100, ttl: '10s' }, [store], () => 0.999_999);
  const slow = hold();
  const first = users.get('a');
  await clock.advance(1_000);
  slow.resolve();
  await first;
  await clock.advance(0);
  fail(new Error('down'));
  for (let i = 0; i < 5; i += 1) {
    expect(await users.get('a')).toBe('a of 1');
    await clock.advance(0);
  }
  expect(loadMany).toHaveBeenCalledTimes(2);
});

test('nothing is left unhandled where nobody waits for what fails', async () => {
  const { users, fail, hold, cache } = open({ ...grace, staleWhileRevalidate: '10s' });
  await users.getMany(['a', 'b']);
  await clock.advance(10_000);
  fail(new Error('down'));
  // In the background.
  await users.getMany(['a', 'b']);
  await clock.advance(10_000);
  // After the soft, and after the hard time-out.
  for (const ms of [1_500, 10_500]) {
    const slow = hold();
    const answer = users.get('a');
    const left = AbortSignal.abort(new Error('left'));
    await users.get('a', { signal: left }).catch(() => undefined);
    const controller = new AbortController();
    const leaving = users.get('a', { signal: controller.signal }).catch(() => undefined);
    const refreshing = users.refresh('a').catch(() => undefined);
    controller.abort();
    await clock.advance(ms);
    await Promise.all([answer, leaving]);
    slow.resolve();
    await clock.advance(11_000);
    await refreshing;
  }
  await cache.close();
  await clock.advance(1_000);
  expect(clock.timers).toBe(0);
});

test('who is given a stale value while it is being replaced asks for no load, should that one be overtaken', async () => {
  const { users, loadMany, hold } = open({ staleWhileRevalidate: '10s' }, [store]);
  await users.get('7');
  await clock.advance(12_000);
  const slow = hold();
  expect([await users.get('7'), await users.get('7')]).toEqual(['7 of 1', '7 of 1']);
  await users.evict('7');
  slow.resolve();
  await clock.advance(0);
  expect(loadMany).toHaveBeenCalledTimes(2);
});

test('a value that is being replaced in the background is given at once also when memory is trusted no longer', async () => {
  const { users, loadMany, hold } = open({ ttl: '500ms', staleWhileRevalidate: '10s' });
  await users.get('7');
  await clock.advance(500);
  const slow = hold();
  expect(await users.get('7')).toBe('7 of 1');
  await clock.advance(500);
  expect(await Promise.race([users.get('7'), clock.advance(100)])).toBe('7 of 1');
  expect(await Promise.race([users.getMany(['7']), clock.advance(100)])).toEqual(['7 of 1']);
  slow.resolve();
  await clock.advance(0);
  expect(loadMany).toHaveBeenCalledTimes(2);
});
