import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Cache, cacheAside, type LoadContext, memoryStore } from '@cache/core';
import { ManualClock, SharedStoreModel } from '@cache/core/testing';
import { type Deferred, deferred } from '../support/deferred.ts';
import { cacheOn } from '../support/memory-cache.ts';
import { flawless } from '../support/plain-local-store.ts';

let clock: ManualClock;
let cache: Cache;
let loads: (Deferred<string | undefined> & { context: LoadContext<string> })[];
beforeEach(() => {
  clock = new ManualClock();
  // A memory without timers of its own.
  cache = cacheOn(clock, { tiers: [flawless()] });
  loads = [];
});

/** Loads end when the test says so, in any order. */
const load = (_id: string, context: LoadContext<string>): Promise<string | undefined> => {
  loads.push({ ...deferred<string | undefined>(), context });
  return loads.at(-1)!.promise;
};
const users = (options: object = {}) =>
  cache.resource('user', cacheAside<string, string | undefined>({ ttl: '10s', load, ...options }));
const ignored = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

describe('an error of a load that was overtaken', () => {
  test.each([
    ['evicted', (of: ReturnType<typeof users>) => of.evict('a')],
    ['changed', (of: ReturnType<typeof users>) => of.mutate('a', () => undefined)],
    ['cleared', (of: ReturnType<typeof users>) => of.clear()],
  ])('is no answer for those who ask after the key was %s', async (_name, change) => {
    const resource = users({ errorTtl: '1m' });
    const before = ignored(resource.get('a'));
    await change(resource);
    loads[0]!.reject(new Error('no such user'));
    expect(await before).toEqual(new Error('no such user'));
    const after = resource.get('a');
    loads[1]!.resolve('created');
    expect(await after).toBe('created');
  });
});

describe('a load that takes longer than its hard time-out', () => {
  test('does not put what it brings in the place of what a later one has brought', async () => {
    const resource = users({ timeout: { hard: '1s' } });
    const early = ignored(resource.get('a'));
    await clock.advance(1_000);
    expect(await early).toMatchObject({ code: 'LOAD_TIMEOUT' });
    const later = resource.refresh('a');
    loads[1]!.resolve('new');
    expect(await later).toBe('new');
    loads[0]!.resolve('old');
    await clock.advance(0);
    expect(await resource.get('a')).toBe('new');
  });

  test.each(['resolve', 'reject'] as const)('leaves no timer behind once it has ended: %s', async (how) => {
    const resource = users({ timeout: { hard: '1s' } });
    const early = ignored(resource.get('a'));
    await clock.advance(1_000);
    await early;
    expect(clock.timers).toBeGreaterThan(0);
    loads[0]![how]('late');
    await clock.advance(0);
    expect(clock.timers).toBe(0);
  });
});

describe('a load that brings undefined', () => {
  test('answers who waits for it, and takes away an old value, since that is no longer there', async () => {
    const resource = users({ staleWhileRevalidate: '10s', grace: '1h' });
    const first = resource.get('a');
    loads[0]!.resolve('old');
    await first;
    await clock.advance(10_000);
    expect(await resource.get('a')).toBe('old');
    loads[1]!.resolve(undefined);
    await clock.advance(0);
    expect(await resource.peek('a')).toEqual({ hit: false });
    const waiting = resource.get('a');
    loads[2]!.resolve(undefined);
    expect(await waiting).toBeUndefined();
    expect(clock.timers).toBe(0);
  });
});

test('a load that fails has its source left alone, though the old value came after it was asked for and memory has it no longer', async () => {
  cache = cacheOn(clock, { tiers: [memoryStore(), new SharedStoreModel(clock).store()] });
  const resource = users({ ttl: '1s', grace: '1h', maxIdle: '500ms' });
  const first = resource.get('a');
  const renewed = ignored(resource.refresh('a'));
  await clock.advance(0);
  loads[0]!.resolve('old');
  await first;
  await clock.advance(1_000);
  loads[1]!.reject(new Error('down'));
  await renewed;
  expect([await resource.get('a'), loads.length]).toEqual(['old', 2]);
  await clock.advance(1_000);
  expect([await Promise.race([resource.get('a'), clock.advance(0)]), loads.length]).toEqual([undefined, 3]);
});

test('who waits for a load has one signal, aborted with the time-out alone', async () => {
  const resource = users({ timeout: { hard: '1s' } });
  const controller = new AbortController();
  const left = ignored(resource.get('a', { signal: controller.signal }));
  const stays = ignored(resource.get('a'));
  const { signal } = loads[0]!.context;
  controller.abort();
  await left;
  expect(signal.aborted).toBe(false);
  await clock.advance(1_000);
  expect(signal.reason).toBe(await stays);
});

test('a load of which nobody knows whether it was overtaken is shared by no later caller of its process', async () => {
  const model = new SharedStoreModel(clock);
  const open = () => cacheOn(clock, { tiers: [memoryStore(), model.store()] });
  const [one, other] = [open(), open()];
  const values = ['old', 'new'];
  const slow = deferred();
  const loader = jest.fn(async () => {
    const value = values.shift()!;
    if (value === 'old') await slow.promise;
    return value;
  });
  const mine = one.resource('user', cacheAside<string, string>({ load: loader }));
  const theirs = other.resource('user', cacheAside<string, string>({ load: async () => 'theirs' }));
  const first = mine.get('a');
  await clock.advance(0);
  await theirs.evict('a');
  const joined = mine.get('a');
  slow.resolve();
  expect(await Promise.all([first, joined])).toEqual(['old', 'new']);
});

test('what is loaded in the place of a long load that was overtaken is kept for all processes', async () => {
  const model = new SharedStoreModel(clock);
  const open = () => cacheOn(clock, { tiers: [memoryStore(), model.store()] });
  cache = open();
  const mine = users({ ttl: '1s', grace: '1h', timeout: { soft: '100ms' } });
  const theirs = open().resource('user', cacheAside<string, string>({ load: async () => 'theirs' }));
  const early = mine.get('a');
  await clock.advance(0);
  loads[0]!.resolve('old');
  await early;
  await clock.advance(1_000);
  const starting = mine.get('a');
  await clock.advance(100);
  const joining = mine.get('a');
  await clock.advance(0);
  expect([await starting, await joining]).toEqual(['old', 'old']);
  await theirs.evict('a');
  // Longer than the deadline of the store.
  await clock.advance(1_000);
  loads[1]!.resolve('overtaken');
  await clock.advance(0);
  loads[2]!.resolve('new');
  await clock.advance(0);
  expect(await theirs.get('a')).toBe('new');
});

test('a load that found nothing any more, and was overtaken, is no answer for who joined it after that', async () => {
  const model = new SharedStoreModel(clock);
  const open = () => cacheOn(clock, { tiers: [memoryStore(), model.store()] });
  cache = open();
  const mine = users({ grace: '1h', ttl: '1s' });
  const theirs = open().resource('user', cacheAside<string, string>({ load: async () => 'theirs' }));
  const early = mine.get('a');
  await clock.advance(0);
  loads[0]!.resolve('old');
  await early;
  await clock.advance(1_000);
  const deleted = mine.get('a');
  await clock.advance(0);
  // Created again by another process.
  await theirs.evict('a');
  const joined = mine.get('a');
  loads[1]!.resolve(undefined);
  await clock.advance(0);
  loads[2]!.resolve('new');
  expect(await Promise.all([deleted, joined])).toEqual([undefined, 'new']);
});

test('who comes after an invalidation does not wait for a load of his own process from before it', async () => {
  cache = cacheOn(clock, { tiers: [new SharedStoreModel(clock).store()] });
  const of = users();
  const early = of.get('a');
  await clock.advance(0);
  await cache.invalidateTags('any');
  const late = of.get('a');
  await clock.advance(0);
  loads[1]!.resolve('new');
  expect(await late).toBe('new');
  loads[0]!.resolve('old');
  expect(await early).toBe('old');
  expect(await of.get('a')).toBe('new');
});
