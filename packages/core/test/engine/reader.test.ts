import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Cache, cacheAside, type LoadContext, memoryStore } from '@cache/core';
import { ManualClock, SharedStoreModel } from '@cache/core/testing';
import { deferred } from '../support/deferred.ts';
import { cacheOn } from '../support/memory-cache.ts';

let clock: ManualClock;
let model: SharedStoreModel;
beforeEach(() => {
  clock = new ManualClock();
  model = new SharedStoreModel(clock);
});

const open = (): Cache => cacheOn(clock, { tiers: [memoryStore(), model.store()] });

describe('a fresh value', () => {
  test('is loaded without the old one that memory has left where another process has evicted that', async () => {
    const stale = jest.fn();
    const load = (_id: string, context: LoadContext<string>): string => {
      stale(context.stale?.value);
      return 'value';
    };
    const [mine, theirs] = [open(), open()].map((cache) =>
      cache.resource('user', cacheAside<string, string>({ load })),
    );
    await mine!.get('a');
    await mine!.refresh('a');
    await theirs!.evict('a');
    await mine!.refresh('a');
    expect(stale.mock.calls).toEqual([[undefined], ['value'], [undefined]]);
  });

  test('is one load for all who ask while another is under way', async () => {
    const loads = [deferred<string>(), deferred<string>()];
    const load = jest.fn((_id: string): Promise<string> => loads[load.mock.calls.length - 1]!.promise);
    const users = cacheOn(clock).resource('user', cacheAside<string, string>({ load }));
    const first = users.get('a');
    const rest = Array.from({ length: 50 }, () => users.refresh('a'));
    loads[0]!.resolve('old');
    loads[1]!.resolve('new');
    expect(await first).toBe('old');
    expect(new Set(await Promise.all(rest))).toEqual(new Set(['new']));
    expect(load).toHaveBeenCalledTimes(2);
    expect(await users.get('a')).toBe('new');
  });
});

test('warm counts what has a value then, and not what nothing is known of', async () => {
  const users = cacheOn(clock).resource(
    'user',
    cacheAside<string, string | null | undefined>({ load: (id) => ({ a: 'A', b: null })[id] }),
  );
  expect(await users.warm(['a', 'b', 'c', 'a'])).toBe(2);
});
