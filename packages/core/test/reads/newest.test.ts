import { beforeEach, describe, expect, test } from '@jest/globals';
import { type CacheAsideOptions, cacheAside, memoryStore, type Store } from '@cache/core';
import { ManualClock, SharedStoreModel, type Wire } from '@cache/core/testing';
import { deferred } from '../support/deferred.ts';
import { cacheOn, heard } from '../support/memory-cache.ts';

let clock: ManualClock;
let loads: number;
let value: unknown;
beforeEach(() => {
  clock = new ManualClock();
  loads = 0;
  value = 'old';
});

const aside = (options: Partial<CacheAsideOptions<string, unknown>> = {}) =>
  cacheAside<string, unknown>({
    load: () => {
      loads += 1;
      return value;
    },
    ttl: '1h',
    ...options,
  });
const behindMemory = (): [string, readonly Store[]][] => [
  ['memory', [memoryStore()]],
  ['a shared tier', [new SharedStoreModel(clock).store()]],
  ['both', [memoryStore(), new SharedStoreModel(clock).store()]],
];

test('who asks after a refresh has returned is given what it brought, however slowly that is stored', async () => {
  const wire: Wire = async (step) => {
    if (step === 'request fill') await new Promise<void>((resolve) => void clock.setTimer(50, resolve));
  };
  const users = cacheOn(clock, { tiers: [memoryStore(), new SharedStoreModel(clock).store(wire)] }).resource(
    'user',
    aside(),
  );
  const first = users.get('7');
  await clock.advance(100);
  await first;
  value = 'new';
  const refreshed = users.refresh('7');
  await clock.advance(100);
  expect(await refreshed).toBe('new');
  expect(await users.get('7')).toBe('new');
});

describe.each([0, 1, 2])('what is loaded, and cannot be kept, in set-up %d', (which) => {
  const declare = (options?: Partial<CacheAsideOptions<string, unknown>>) =>
    cacheOn(clock, { tiers: behindMemory()[which]![1] }).resource('user', aside(options));

  test.each<[string, unknown, Partial<CacheAsideOptions<string, unknown>>]>([
    ['because no copy of it can be made', { f: () => undefined }, {}],
    ['because it is undefined', undefined, {}],
    ['because its loader says so', 'new', { load: (_key, { skip }) => (value === 'new' && skip(), value) }],
    ['because its ttl is none', 'new', { ttl: (loaded) => (loaded === 'new' ? 0 : 1_000) }],
  ])('%s takes the place of what was cached', async (_why, next, options) => {
    const users = declare({ grace: '1h', staleWhileRevalidate: '1h', ...options });
    await users.get('7');
    value = next;
    await users.refresh('7');
    expect(await users.peek('7')).toEqual({ hit: false });
    expect(await users.get('7')).toEqual(next);
  });
});

describe('invalidations that come faster than loads', () => {
  test.each([
    ['of a tag that the values have not', (cache: ReturnType<typeof cacheOn>) => cache.invalidateTags('other')],
    ['of another resource', (cache: ReturnType<typeof cacheOn>) => cache.resource('other', aside()).clear()],
  ])('%s leave what is loaded meanwhile', async (_name, invalidate) => {
    const loading = deferred<string>();
    const cache = cacheOn(clock);
    const users = cache.resource('user', aside({ load: () => loading.promise, tags: ['mine'] }));
    const waiting = users.get('7');
    await invalidate(cache);
    loading.resolve('loaded');
    expect(await waiting).toBe('loaded');
    expect(users.peekLocal('7')).toBe('loaded');
  });

  test('of a tag that the value has leave nothing of it', async () => {
    const loading = deferred<string>();
    const cache = cacheOn(clock);
    const users = cache.resource('user', aside({ load: () => loading.promise, tags: ['mine'] }));
    const waiting = users.get('7');
    await cache.invalidateTags('mine');
    loading.resolve('loaded');
    await waiting;
    expect(users.peekLocal('7')).toBeUndefined();
  });

  test('of another resource leave its waiting callers with one load', async () => {
    const loading = deferred<string>();
    const cache = cacheOn(clock);
    const other = cache.resource('other', aside());
    const users = cache.resource('user', aside({ load: () => ((loads += 1), loading.promise) }));
    const waiting: Promise<unknown>[] = [];
    for (let round = 0; round < 10; round += 1) {
      waiting.push(users.get('7'));
      await other.clear();
    }
    loading.resolve('loaded');
    await Promise.all(waiting);
    expect(loads).toBe(1);
  });

  test('have a later load win over an earlier one, whichever lands last', async () => {
    const loadings = [deferred<string>(), deferred<string>()];
    const cache = cacheOn(clock);
    const users = cache.resource('user', aside({ load: () => loadings[(loads += 1) - 1]!.promise }));
    const first = users.get('7');
    await cache.invalidateTags('other');
    const second = users.get('7');
    loadings[1]!.resolve('new');
    await second;
    loadings[0]!.resolve('old');
    expect(await first).toBe('old');
    expect(users.peekLocal('7')).toBe('new');
  });
});

test('what is too large for the shared tier is kept in memory alone, which an event tells', async () => {
  const store = { ...new SharedStoreModel(clock).store(), maxValueBytes: 1_000 };
  const cache = cacheOn(clock, { tiers: [memoryStore(), store] });
  const users = cache.resource('user', aside());
  const told = heard(cache, 'tooLarge');
  await users.get('7');
  value = 'x'.repeat(1_000);
  expect(await users.refresh('7')).toBe(value);
  expect(told).toEqual([{ resource: 'user', key: '7', store: 'model' }]);
  expect(users.peekLocal('7')).toBe(value);
  const other = cacheOn(clock, { tiers: [store] }).resource('user', aside());
  expect(await other.peek('7')).toEqual({ hit: false });
});

test('a loader that asks for its own key without waiting harms no other caller', async () => {
  const cache = cacheOn(clock);
  const users = cache.resource('user', aside({ load: async (key) => (void users.get(key), 'value') }));
  expect(await Promise.all([users.get('7'), users.get('7'), users.get('7')])).toEqual(['value', 'value', 'value']);
});
