import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Cache, cacheAside, type CacheEvents, createCache } from '@cache/core';
import { ManualClock } from '@cache/core/testing';
import { Cached, cacheOf, CacheResource } from '../../src/index.ts';
import { deferred } from '../support/deferred.ts';

let clock: ManualClock;
let cache: Cache;
let runs: number;
let source: () => Promise<unknown>;
let rates: Rates;

beforeEach(() => {
  clock = new ManualClock();
  cache = createCache({ clock, random: () => 0.5 });
  runs = 0;
  source = async () => runs;
  rates = new Rates();
});

async function ask(): Promise<unknown> {
  runs += 1;
  return source();
}

@CacheResource({ name: 'rate', cache: () => cache, ttl: '1m', jitter: 0 })
class Rates {
  @Cached({ staleWhileRevalidate: '1m' })
  async stale(): Promise<unknown> {
    return ask();
  }

  @Cached({ name: 'rate.grace', grace: '1h', timeout: { soft: '1s', hard: '5s' } })
  async grace(): Promise<unknown> {
    return ask();
  }

  @Cached({ name: 'rate.error', errorTtl: '2s' })
  async error(): Promise<unknown> {
    return ask();
  }

  @Cached({ name: 'rate.ahead', refreshAhead: 1 })
  async ahead(): Promise<unknown> {
    return ask();
  }

  @Cached({ name: 'rate.idle', maxIdle: '10s' })
  async idle(): Promise<unknown> {
    return ask();
  }

  @Cached({ name: 'rate.byValue', ttl: (rate: { for: '2s' | '1m' }) => rate.for })
  async byValue(): Promise<unknown> {
    return ask();
  }

  @Cached({ name: 'rate.shared', isolation: 'shared' })
  async shared(): Promise<unknown> {
    return ask();
  }

  @Cached({
    name: 'rate.one',
    key: (id: string) => id,
    strategy: ({ load }) => cacheAside({ load, maxConcurrentLoads: 1, ttl: '1s' }),
  })
  async oneAtATime(_id: string): Promise<unknown> {
    return ask();
  }
}

describe('@Cached', () => {
  test('gives a stale value at once, and runs the method in the background', async () => {
    await rates.stale();
    await clock.advance(61_000);
    expect(await rates.stale()).toBe(1);
    await clock.advance(1);
    expect([await rates.stale(), runs]).toEqual([2, 2]);
  });

  test('gives the last value within `grace` where the method fails, or takes too long', async () => {
    await rates.grace();
    await clock.advance(61_000);
    source = () => Promise.reject(new Error('down'));
    expect(await rates.grace()).toBe(1);
    source = () => deferred().promise;
    await clock.advance(2_000);
    const slow = rates.grace();
    await clock.advance(1_001);
    expect(await slow).toBe(1);
  });

  test('rejects where the method takes longer than `timeout.hard`, and there is nothing older', async () => {
    source = () => deferred().promise;
    const call = rates.grace();
    const [settled] = await Promise.all([Promise.allSettled([call]), clock.advance(5_001)]);
    expect(settled).toMatchObject([{ status: 'rejected', reason: { code: 'LOAD_TIMEOUT' } }]);
  });

  test('gives an error again for `errorTtl`', async () => {
    source = () => Promise.reject(new Error('down'));
    await expect(rates.error()).rejects.toThrow('down');
    await expect(rates.error()).rejects.toThrow('down');
    expect(runs).toBe(1);
    await clock.advance(2_001);
    await expect(rates.error()).rejects.toThrow('down');
    expect(runs).toBe(2);
  });

  test('refreshes ahead of the end what is read', async () => {
    source = async () => {
      await clock.advance(1_000);
      return runs;
    };
    await rates.ahead();
    await clock.advance(59_500);
    expect(await rates.ahead()).toBe(1);
    await clock.advance(1);
    expect(runs).toBe(2);
  });

  test('forgets what is idle', async () => {
    await rates.idle();
    await clock.advance(10_001);
    await rates.idle();
    expect(runs).toBe(2);
  });

  test('asks the value for how long it is fresh', async () => {
    source = async () => ({ for: runs === 1 ? '2s' : '1m' });
    await rates.byValue();
    await clock.advance(2_001);
    await rates.byValue();
    await clock.advance(2_001);
    await rates.byValue();
    expect(runs).toBe(2);
  });

  test('gives everybody the very object with isolation: shared', async () => {
    const value = new (class Rate {})();
    source = async () => value;
    expect([await rates.shared(), await rates.shared()]).toEqual([value, value]);
    expect(await rates.shared()).toBe(value);
    expect(runs).toBe(1);
  });

  test('runs no more at once than its strategy lets it', async () => {
    const first = deferred<unknown>();
    source = () => (runs === 1 ? first.promise : Promise.resolve('second'));
    const calls = [rates.oneAtATime('1'), rates.oneAtATime('2')];
    await clock.advance(1);
    expect(runs).toBe(1);
    first.resolve('first');
    expect(await Promise.all(calls)).toEqual(['first', 'second']);
  });

  test('takes of its strategy the options that it does not have, before those of the class', async () => {
    await rates.oneAtATime('1');
    await clock.advance(1_001);
    await rates.oneAtATime('1');
    expect(runs).toBe(2);
  });
});

describe('cacheOf(…).refresh', () => {
  test('gives others what is cached until the new value is there, and keeps that', async () => {
    const told: CacheEvents['load'][] = [];
    cache.on('load', (event) => told.push(event));
    await rates.stale();
    const slow = deferred<unknown>();
    source = () => slow.promise;
    const refreshed = cacheOf(rates, 'stale').refresh();
    await clock.advance(1);
    expect(await rates.stale()).toBe(1);
    slow.resolve('new');
    expect(await refreshed).toBe('new');
    expect(await rates.stale()).toBe('new');
    expect(told.map(({ resource }) => resource)).toEqual(['rate', 'rate']);
  });
});
