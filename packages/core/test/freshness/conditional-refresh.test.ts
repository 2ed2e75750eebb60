import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Cache, cacheAside, type LoadContext, memoryStore } from '@cache/core';
import { ManualClock, SharedStoreModel } from '@cache/core/testing';
import { cacheOn, heard } from '../support/memory-cache.ts';
import { rejectionOf } from '../support/failure.ts';

interface Page {
  readonly etag: string;
  readonly text: string;
}

let clock: ManualClock;
let asked: (string | undefined)[];
let current: Page;
beforeEach(() => {
  clock = new ManualClock();
  asked = [];
  current = { etag: '"1"', text: 'one' };
});

const load = async (_url: string, { stale, notModified }: LoadContext<string>): Promise<Page> => {
  const known = (stale?.value as Page | undefined)?.etag;
  asked.push(known);
  return known === current.etag ? notModified() : current;
};
const pagesOf = (cache: Cache) =>
  cache.resource('page', cacheAside({ load, ttl: '10s', grace: '1h', tags: ({ text }) => [text] }));

describe.each([
  ['memory', () => cacheOn(clock)],
  ['a shared tier', () => cacheOn(clock, { tiers: [new SharedStoreModel(clock).store()] })],
  ['both', () => cacheOn(clock, { tiers: [memoryStore(), new SharedStoreModel(clock).store()] })],
])('a loader that is given the old value, out of %s,', (_tiers, make) => {
  test('may say that it has not changed, which makes it fresh once more', async () => {
    const pages = pagesOf(make());
    await pages.get('/');
    await clock.advance(20_000);
    expect(await pages.get('/')).toEqual(current);
    await clock.advance(9_000);
    expect(await pages.get('/')).toEqual(current);
    expect(asked).toEqual([undefined, '"1"']);
    expect(await pages.peek('/')).toMatchObject({ hit: true, age: 9_000, state: 'fresh' });
  });

  test('may give a new one', async () => {
    const pages = pagesOf(make());
    await pages.get('/');
    await clock.advance(20_000);
    current = { etag: '"2"', text: 'two' };
    expect(await pages.get('/')).toEqual(current);
    expect(await pages.get('/')).toEqual(current);
    expect(asked).toEqual([undefined, '"1"']);
  });

  test('keeps the tags of what has not changed', async () => {
    const cache = make();
    const pages = pagesOf(cache);
    await pages.get('/');
    await clock.advance(20_000);
    await pages.get('/');
    await cache.invalidateTags('one');
    await pages.get('/');
    expect(asked).toEqual([undefined, '"1"', undefined]);
  });

  test('is asked so by refresh as well', async () => {
    const pages = pagesOf(make());
    await pages.get('/');
    expect(await pages.refresh('/')).toEqual(current);
    expect(asked).toEqual([undefined, '"1"']);
  });
});

test('the old value tells its age, and is the callers’ own form of it', async () => {
  const cache = cacheOn(clock);
  const seen: unknown[] = [];
  const users = cache.resource(
    'user',
    cacheAside<string, Date>({
      load: (_id, { stale }) => {
        seen.push(stale && { value: stale.value, age: stale.age });
        return new Date(5);
      },
      ttl: '10s',
      grace: '1h',
    }),
  );
  await users.get('7');
  await clock.advance(15_000);
  await users.get('7');
  expect(seen).toEqual([undefined, { value: new Date(5), age: 15_000 }]);
});

test('to say it where there is no old value is an error that says what to do', async () => {
  const cache = cacheOn(clock);
  const errors = heard(cache, 'loadError');
  const users = cache.resource('user', cacheAside<string, string>({ load: (_id, { notModified }) => notModified() }));
  const error = await rejectionOf(users.get('7'));
  expect(error.code).toBe('INVALID_LOAD');
  expect(error.message).toContain('give `grace`');
  expect(errors).toHaveLength(1);
});
