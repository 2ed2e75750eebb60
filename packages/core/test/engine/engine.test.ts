import { beforeEach, describe, expect, test } from '@jest/globals';
import { cacheAside, type LoadContext } from '@cache/core';
import { ManualClock } from '@cache/core/testing';
import { type Deferred, deferred } from '../support/deferred.ts';
import { cacheOn } from '../support/memory-cache.ts';

let clock: ManualClock;
let loads: Deferred<string>[];
beforeEach(() => {
  clock = new ManualClock();
  loads = [];
});

const load = (_id: string, _context: LoadContext<string>): Promise<string> => {
  loads.push(deferred());
  return loads.at(-1)!.promise;
};

describe('the kill switch', () => {
  test('has callers from then on join nothing from before', async () => {
    const cache = cacheOn(clock);
    const users = cache.resource('user', cacheAside<string, string>({ load }));
    const before = users.get('a');
    cache.disable();
    const during = users.get('a');
    cache.enable();
    const after = users.get('a');
    expect(loads).toHaveLength(3);
    for (const [index, value] of ['before', 'during', 'after'].entries()) loads[index]!.resolve(value);
    expect(await Promise.all([before, during, after])).toEqual(['before', 'during', 'after']);
    await clock.advance(0);
    expect(await users.get('a')).toBe('after');
  });

  test('has every read ask the source, be its last answer an error that is kept for a while', async () => {
    const cache = cacheOn(clock);
    const users = cache.resource('user', cacheAside<string, string>({ load, errorTtl: '1m' }));
    cache.disable();
    const first = users.get('a').catch((error: unknown) => error);
    loads[0]!.reject(new Error('down'));
    expect(await first).toEqual(new Error('down'));
    const second = users.get('a');
    loads[1]!.resolve('up');
    expect(await second).toBe('up');
  });

  test('that is set to what it is changes nothing', async () => {
    const cache = cacheOn(clock);
    const users = cache.resource('user', cacheAside<string, string>({ load }));
    const both = [users.get('a')];
    cache.enable();
    both.push(users.get('a'));
    loads[0]!.resolve('value');
    expect(await Promise.all(both)).toEqual(['value', 'value']);
  });
});
