import { beforeEach, expect, test } from '@jest/globals';
import { NearTier } from '../../src/engine/near-tier.ts';
import { resourceTag, TagClocks } from '../../src/engine/tag-clocks.ts';
import type { LocalSegment } from '../../src/model/store.ts';
import { ManualClock } from '../../src/model/manual-clock.ts';
import { memoryStore } from '../../src/stores/memory/memory-store.ts';
import { entryOf } from '../support/entry.ts';

const users = resourceTag('user');

let clock: ManualClock;
let tags: TagClocks;
let segment: LocalSegment;
beforeEach(() => {
  clock = new ManualClock();
  tags = new TagClocks(clock);
  segment = memoryStore()
    .open({ namespace: 'cache', clock, report: () => undefined })
    .segment('user');
});

const tier = (trust = Infinity): NearTier => new NearTier(segment, clock, tags, users, trust);
const keep = (near: NearTier, fresh: number, trueAt = clock.now()): void => {
  const entry = entryOf({ freshUntil: clock.now() + fresh, tags: ['#org:7'], known: tags.known });
  near.set('7', entry, { value: entry.value, handOut: undefined }, trueAt);
};

test('what is fresh is served, up to the very millisecond in which it ends', async () => {
  const near = tier();
  keep(near, 1_000);
  await clock.advance(999);
  expect(near.get('7')?.value).toBe('value');
  await clock.advance(1);
  expect(near.get('7')).toBeUndefined();
});

test('what is fresh is served no longer than it is trusted since it was true elsewhere', async () => {
  const near = tier(500);
  keep(near, 1_000, clock.now() - 100);
  await clock.advance(399);
  expect(near.get('7')?.value).toBe('value');
  await clock.advance(1);
  expect(near.get('7')).toBeUndefined();
});

test.each([
  ['over', 0, 0],
  ['not to be trusted any more', 1_000, 500],
])('what is %s when it comes is not kept at all', (_name, fresh, age) => {
  keep(tier(500), fresh, clock.now() - age);
  expect(segment.size).toBe(0);
});

test('what was invalidated is neither served nor kept', () => {
  const near = tier();
  keep(near, 1_000);
  expect(near.get('7')).toBeDefined();
  tags.invalidateLocally(['#org:7']);
  expect(near.get('7')).toBeUndefined();
  expect(segment.size).toBe(0);
});

test('what was invalidated while it was loaded is not served even once', () => {
  const near = tier();
  const known = tags.known;
  tags.invalidateLocally([users]);
  near.set('7', entryOf({ known }), { value: 'value', handOut: undefined }, clock.now());
  expect(near.get('7')).toBeUndefined();
});

test('what is deleted is gone', () => {
  const near = tier();
  keep(near, 1_000);
  near.delete('7');
  expect(near.get('7')).toBeUndefined();
});

test('callers of a value that nobody can change are given one and the same promise', async () => {
  const near = tier();
  keep(near, 1_000);
  await expect(near.get('7')!.settled).resolves.toBe('value');
  expect(near.get('7')!.settled).toBe(near.get('7')!.settled);
});

test('callers of a value that is copied for each are given no common promise', () => {
  const near = tier();
  near.set('7', entryOf(), { value: new Date(0), handOut: (value) => value }, clock.now());
  expect(near.get('7')!.settled).toBeUndefined();
});
