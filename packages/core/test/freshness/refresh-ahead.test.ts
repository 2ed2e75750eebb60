import { expect, test } from '@jest/globals';
import { cacheAside, type CacheAsideResource, memoryStore } from '@cache/core';
import { ManualClock, SharedStoreModel } from '@cache/core/testing';
import { cacheOn } from '../support/memory-cache.ts';
import { thrownBy } from '../support/failure.ts';

/** Loads take a second; `loads` counts them. */
const refreshing = (
  options: { refreshAhead?: boolean | number; random?: () => number; shared?: boolean } = {},
): { users: CacheAsideResource<string, number>; clock: ManualClock; loads: () => number } => {
  const clock = new ManualClock();
  const { random = () => 0.5, shared = false, refreshAhead = true } = options;
  const model = new SharedStoreModel(clock);
  const cache = cacheOn(clock, { random, tiers: shared ? [memoryStore(), model.store()] : [memoryStore()] });
  let loads = 0;
  const load = async (_id: string): Promise<number> => {
    loads += 1;
    const count = loads;
    await new Promise<void>((resolve) => clock.setTimer(1_000, resolve));
    return count;
  };
  const users = cache.resource('user', cacheAside({ load, ttl: '1m', refreshAhead }));
  return { users, clock, loads: () => loads };
};

const filled = async (users: CacheAsideResource<string, number>, clock: ManualClock): Promise<void> => {
  const first = users.get('7');
  await clock.advance(1_000);
  await first;
};

test.each([false, true])(
  'a value read shortly before its end is replaced in the background (shared: %p)',
  async (shared) => {
    // -ln(1 - 0.5) × 1 000 ms of loading: 693 ms before the end
    const { users, clock, loads } = refreshing({ shared });
    await filled(users, clock);
    await clock.advance(59_300);
    expect(await users.get('7')).toBe(1);
    await clock.advance(0);
    expect(loads()).toBe(1);
    await clock.advance(10);
    expect(await Promise.all([users.get('7'), users.get('7')])).toEqual([1, 1]);
    await clock.advance(1_000);
    expect(await users.get('7')).toBe(2);
    expect(loads()).toBe(2);
  },
);

test('the higher its beta, the earlier', async () => {
  const { users, clock, loads } = refreshing({ refreshAhead: 4 });
  await filled(users, clock);
  await clock.advance(60_000 - 4 * 694);
  await users.get('7');
  expect(loads()).toBe(1);
  await clock.advance(4);
  await users.get('7');
  await clock.advance(0);
  expect(loads()).toBe(2);
});

test('many readers hardly ever meet the end of a value, and refresh it once', async () => {
  let state = 1;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const { users, clock, loads } = refreshing({ random });
  await filled(users, clock);
  for (let read = 0; read < 6_000; read += 1) {
    await clock.advance(10);
    const value = users.get('7');
    expect(await Promise.race([value, clock.advance(0).then(() => 'waited')])).not.toBe('waited');
  }
  expect(loads()).toBe(2);
});

test('without it, a value is loaded when it is over, not before', async () => {
  const { users, clock, loads } = refreshing({ refreshAhead: false });
  await filled(users, clock);
  await clock.advance(59_999);
  await users.get('7');
  await clock.advance(0);
  expect(loads()).toBe(1);
});

test.each([0, -1, 101, Number.NaN, 'yes'])('%p is no beta', (refreshAhead) => {
  const error = thrownBy(() => refreshing({ refreshAhead: refreshAhead as number }));
  expect(error).toMatchObject({ code: 'INVALID_OPTION' });
  expect(error.message).toContain('such as 1');
});
