import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { cacheAside, memoryLedger, memoryStore, type Store, writeBehind } from '@cache/core';
import type { Resource } from '../../src/engine/resource.ts';
import type { Strategy } from '../../src/engine/strategy.ts';
import { ManualClock, SharedStoreModel } from '@cache/core/testing';
import type { Wire } from '../../src/testing/shared-store-model.ts';
import { cacheOn } from '../support/memory-cache.ts';

let clock: ManualClock;
let load: jest.Mock<(id: string) => Promise<string | null>>;
beforeEach(() => {
  clock = new ManualClock();
  load = jest.fn(async (id: string) => (id === 'absent' ? null : `value of ${id}`));
});

const freshness = { ttl: '10s', staleWhileRevalidate: '10s', grace: '1m' } as const;
const aside = () => cacheAside<string, string | null>({ load, ...freshness });
const behind = () =>
  writeBehind<string, string | null>({ load, ...freshness, saveMany: async () => undefined, ledger: memoryLedger() });
const strategies: Record<string, () => Strategy<Resource<string, string | null>>> = {
  'cache-aside': aside,
  'write-behind': behind,
};
const tiers: Record<string, () => Store[]> = {
  'memory alone': () => [memoryStore()],
  'a shared tier alone': () => [new SharedStoreModel(clock).store()],
  'memory and a shared tier': () => [memoryStore(), new SharedStoreModel(clock).store()],
};
const everywhere = Object.keys(strategies).flatMap((name) => Object.keys(tiers).map((where) => [name, where] as const));

describe.each(everywhere)('with %s, over %s', (strategy, where) => {
  const open = () => cacheOn(clock, { tiers: tiers[where]!() }).resource('user', strategies[strategy]!());

  test('touch makes a fresh value fresh for another ttl', async () => {
    const users = open();
    expect(await users.touch('a')).toBe(false);
    await users.get('a');
    await clock.advance(9_000);
    expect(await users.touch('a')).toBe(true);
    await clock.advance(9_999);
    expect(await users.has('a')).toBe(true);
    await clock.advance(1);
    expect(await users.has('a')).toBe(false);
    expect(await users.touch('a')).toBe(false);
    expect(load).toHaveBeenCalledTimes(1);
  });

  test('expire keeps the value as a stale one, for as long as it would have been stale', async () => {
    const users = open();
    await users.get('a');
    await clock.advance(1_000);
    expect(await users.expire('a')).toBe('done');
    expect(await users.peek('a')).toMatchObject({ hit: true, state: 'stale', value: 'value of a', age: 1_000 });
    expect(load).toHaveBeenCalledTimes(1);
    await clock.advance(59_999);
    expect((await users.peek('a')).hit).toBe(true);
    await clock.advance(1);
    expect((await users.peek('a')).hit).toBe(false);
  });

  test('a null that one call has loaded or touched is fresh for as long as that call says', async () => {
    const users = open();
    expect(await users.get('absent', { ttl: '1s' })).toBeNull();
    await clock.advance(999);
    expect(await users.has('absent')).toBe(true);
    expect(await users.touch('absent', { ttl: '2s' })).toBe(true);
    await clock.advance(1_999);
    expect(await users.has('absent')).toBe(true);
    await clock.advance(1);
    expect(await users.has('absent')).toBe(false);
  });
});

describe('a write that the source has not got yet', () => {
  test.each(Object.keys(tiers))('is neither expired nor touched, over %s: reads give it', async (where) => {
    const cache = cacheOn(clock, { tiers: tiers[where]!() });
    const views = cache.resource('views', behind());
    await views.get('a');
    await views.set('a', 'dirty');
    await views.expire('a');
    expect(await views.get('a')).toBe('dirty');
    await views.touch('a');
    expect(await views.get('a')).toBe('dirty');
    cache.disable();
    expect([await views.get('a'), await views.get('a', { fresh: true })]).toEqual(['dirty', 'dirty']);
    cache.enable();
    expect(await views.getMany(['a'])).toEqual(['dirty']);
  });
});

describe('what a process writes that never reads', () => {
  test.each<[string, (of: ReturnType<typeof cacheOn>) => Promise<unknown>]>([
    ['is cached for all', async () => undefined],
    ['is so though another process clears all now and then', (other) => other.clear()],
  ])('%s, but for the first', async (_what, happens) => {
    const model = new SharedStoreModel(clock);
    const [writing, reading] = [model, model].map((each) => cacheOn(clock, { tiers: [each.store()] }));
    const [written, users] = [writing!, reading!].map((cache) => cache.resource('user', aside()));
    await users!.get('a');
    await written!.put('a', 'first');
    await happens(reading!);
    await written!.put('a', 'second');
    await clock.advance(0);
    await written!.put('a', 'third');
    expect(await users!.peek('a')).toMatchObject({ hit: true, value: 'third' });
  });
});

test('what is written right after an invalidation of its own process is cached for all', async () => {
  const model = new SharedStoreModel(clock);
  const [here, there] = [model, model].map((each) => cacheOn(clock, { tiers: [each.store()] }));
  const [mine, theirs] = [here!, there!].map((cache) => cache.resource('user', aside()));
  await mine!.get('b');
  await here!.clear();
  await mine!.put('a', 'written');
  expect(await theirs!.peek('a')).toMatchObject({ hit: true, value: 'written' });
});

test.each(['touch', 'expire'] as const)(
  '%s does not bring back what another process changes while it is under way',
  async (change) => {
    const model = new SharedStoreModel(clock);
    let meanwhile = async (): Promise<unknown> => undefined;
    const wire: Wire = async (step) => {
      if (step === 'request replace') await meanwhile();
    };
    const [here, there] = [model.store(wire), model.store()].map((store) =>
      cacheOn(clock, { tiers: [store] }).resource('user', aside()),
    );
    await here!.get('a');
    meanwhile = () => there!.mutate('a', () => undefined);
    await here![change]('a');
    expect(await there!.peek('a')).toEqual({ hit: false });
  },
);
