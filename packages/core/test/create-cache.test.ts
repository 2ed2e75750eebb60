import { expect, test } from '@jest/globals';
import { cacheAside, createCache, memoryStore, type SharedStore } from '@cache/core';
import { ManualClock } from '@cache/core/testing';
import { thrownBy } from './support/failure.ts';
import { SharedStoreModel } from '../src/testing/shared-store-model.ts';

const shared = new SharedStoreModel(new ManualClock()).store();

test('without options it is complete: it loads, keeps and forgets', async () => {
  const cache = createCache();
  let loads = 0;
  const load = (): number => (loads += 1);
  expect([await cache.getOrSet('a', load), await cache.getOrSet('a', load)]).toEqual([1, 1]);
  await cache.evict('a');
  expect(await cache.getOrSet('a', load)).toBe(2);
  expect(await cache.close()).toEqual({ unwritten: 0 });
});

test('its defaults are those of resources that say nothing of their own', async () => {
  const clock = new ManualClock();
  const cache = createCache({ clock, random: () => 0.5, defaults: { ttl: '10s', negativeTtl: '1s', jitter: 0.2 } });
  const resource = cache.resource(
    'user',
    cacheAside<string, string | null>({ load: (id) => (id === 'no' ? null : id) }),
  );
  await resource.getMany(['no', 'yes']);
  const kept = async () => [(await resource.peek('no')).hit, (await resource.peek('yes')).hit];
  await clock.advance(899);
  expect(await kept()).toEqual([true, true]);
  await clock.advance(1);
  expect(await kept()).toEqual([false, true]);
  await clock.advance(8_099);
  expect(await kept()).toEqual([false, true]);
  await clock.advance(1);
  expect(await kept()).toEqual([false, false]);
});

test.each<[object | null, string, string]>([
  [null, 'INVALID_OPTION', 'createCache takes one object of options'],
  [[], 'INVALID_OPTION', 'createCache takes one object of options'],
  [{ tier: [] }, 'UNKNOWN_OPTION', "did you mean 'tiers'?"],
  [{ nameSpace: 'shop' }, 'UNKNOWN_OPTION', "did you mean 'namespace'?"],
  [{ ttl: '5m' }, 'UNKNOWN_OPTION', "createCache has no option 'ttl'"],
  [{ namespace: 'a:b' }, 'INVALID_OPTION', 'createCache: namespace must be 1 to 100 letters'],
  [{ namespace: '' }, 'INVALID_OPTION', 'createCache: namespace'],
  [{ version: -1 }, 'INVALID_OPTION', 'createCache: version must be a whole number from 0 to 4294967295'],
  [{ version: 2 ** 32 }, 'INVALID_OPTION', 'createCache: version'],
  [{ version: '3' }, 'INVALID_OPTION', 'createCache: version'],
  [{ tiers: [] }, 'INVALID_OPTION', 'createCache: tiers must be an array of one or two stores'],
  [{ tiers: memoryStore() }, 'INVALID_OPTION', 'createCache: tiers must be an array'],
  [{ tiers: [memoryStore] }, 'INVALID_OPTION', 'createCache: tiers[0] must be a store, such as memoryStore()'],
  [{ tiers: [memoryStore(), undefined] }, 'INVALID_OPTION', 'createCache: tiers[1] must be a store'],
  [{ tiers: [{ open: () => 1 }] }, 'INVALID_OPTION', "whose scope is 'process' or 'shared'"],
  [{ tiers: [memoryStore(), memoryStore()] }, 'INVALID_OPTION', 'from near to far'],
  [{ tiers: [shared, memoryStore()] }, 'INVALID_OPTION', 'from near to far'],
  [{ tiers: [shared, shared] }, 'INVALID_OPTION', 'from near to far'],
  [{ tiers: [memoryStore(), shared, shared] }, 'INVALID_OPTION', 'from near to far'],
  [{ defaults: '5m' }, 'INVALID_OPTION', 'createCache: defaults takes one object of options'],
  [{ defaults: { ttl: 0 } }, 'INVALID_OPTION', 'createCache: defaults: ttl must be longer than zero'],
  [{ defaults: { ttl: 'soon' } }, 'INVALID_DURATION', 'createCache: defaults: ttl'],
  [{ defaults: { tags: [] } }, 'UNKNOWN_OPTION', "createCache: defaults has no option 'tags'"],
  [{ maxLocalStaleness: -1 }, 'INVALID_DURATION', 'createCache: maxLocalStaleness'],
  [{ serializer: JSON }, 'INVALID_OPTION', 'createCache: serializer must be a serializer'],
  [{ clock: Date }, 'INVALID_OPTION', 'createCache: clock must be a clock'],
  [{ random: 4 }, 'INVALID_OPTION', 'createCache: random must be a function'],
])('%p is refused at once with %s', (options, code, sentence) => {
  const error = thrownBy(() => createCache(options as object));
  expect(error.code).toBe(code);
  expect(error.message).toContain(sentence);
});

test('a shared store that compares no leases is refused, with the reason', () => {
  const weak: SharedStore = { ...shared, name: 'weak', capabilities: { conditionalFill: false } };
  expect(thrownBy(() => createCache({ tiers: [memoryStore(), weak] })).message).toBe(
    "createCache: tiers cannot have 'weak': it does not compare leases, so a late write could bury a newer one",
  );
});

test.each([
  [{ maxEntries: 0 }, 'INVALID_OPTION', 'memoryStore: maxEntries must be a whole number from 1'],
  [{ maxBytes: '64' }, 'INVALID_OPTION', "memoryStore: maxBytes must be a number of bytes or a string such as '512kb'"],
  [{ maxEntrys: 5 }, 'UNKNOWN_OPTION', "did you mean 'maxEntries'?"],
])('memoryStore(%p) is refused at once with %s', (options, code, sentence) => {
  const error = thrownBy(() => memoryStore(options as object));
  expect(error.code).toBe(code);
  expect(error.message).toContain(sentence);
});
