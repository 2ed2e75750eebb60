import { beforeEach, expect, test } from '@jest/globals';
import { type Cache, cacheAside, type CacheAsideResource, memoryStore } from '@cache/core';
import { ManualClock, SharedStoreModel } from '@cache/core/testing';
import { delay } from '../../src/model/clock.ts';
import { cacheOn } from '../support/memory-cache.ts';

let clock: ManualClock;
let model: SharedStoreModel;
let cache: Cache;
let users: CacheAsideResource<string, string>;
let roundTrip: number;
let loadTakes: number;
let loadedAt: number[];
const load = async (): Promise<string> => {
  loadedAt.push(clock.elapsed());
  if (loadTakes > 0) await delay(clock, loadTakes);
  return `load ${loadedAt.length}`;
};
beforeEach(async () => {
  clock = new ManualClock();
  roundTrip = 0;
  loadTakes = 0;
  loadedAt = [];
  model = new SharedStoreModel(clock);
  const wire = async (what: string) => {
    if (roundTrip > 0 && what.startsWith('reply')) await delay(clock, roundTrip);
  };
  cache = cacheOn(clock, { tiers: [memoryStore(), model.store(wire)] });
  users = cache.resource('user', cacheAside<string, string>({ load, ttl: '1h' }));
  // It learns of the record of tags with its first read.
  await users.get('first');
  loadedAt = [];
});

test.each<[string, () => Promise<unknown>]>([
  ['a read', () => users.get('7')],
  ['a read of many', () => users.getMany(['7', '8'])],
  ['a read of a value loaded anew', () => users.refresh('7')],
  ['an ad hoc read', () => cache.getOrSet('7', load)],
])('%s spends one deadline on a store that takes almost as long for each reply', async (_name, read) => {
  roundTrip = 140;
  const begun = clock.elapsed();
  const reading = read();
  await clock.advance(150);
  expect(loadedAt.map((at) => at - begun)).toContain(150);
  await clock.advance(1_000);
  await reading;
});

test('a load that has to wait for another one has a deadline of its own', async () => {
  loadTakes = 1_000;
  const reading = [users.get('7'), users.refresh('7')];
  await clock.advance(3_000);
  await Promise.all(reading);
  expect(loadedAt).toHaveLength(2);
  const other = cacheOn(clock, { tiers: [model.store()] }).resource('user', cacheAside<string, string>({ load }));
  expect(await other.peek('7')).toMatchObject({ hit: true, value: 'load 2' });
});
