import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Cache, createCache } from '@cache/core';
import { Cached, cacheOf, CacheResource } from '../../src/index.ts';

let cache: Cache;
let runs: number;
let prices: Prices;

beforeEach(() => {
  cache = createCache();
  runs = 0;
  prices = new Prices();
});

@CacheResource({ name: 'price', cache: () => cache })
class Prices {
  @Cached()
  async of(_article: { id: number; size?: string }, _currency?: string): Promise<number> {
    runs += 1;
    return runs;
  }

  async plain(): Promise<void> {
    await Promise.resolve();
  }
}

describe('cacheOf', () => {
  test('takes the arguments of the method, whatever its key is made of', async () => {
    await prices.of({ id: 1, size: 'L' });
    const cached = cacheOf(prices, 'of');
    expect(cached.key({ size: 'L', id: 1 }, undefined)).toBe('({"id":1,"size":"L"})');
    expect(await cached.peek({ size: 'L', id: 1 })).toMatchObject({ hit: true, value: 1 });
    expect(await cached.evict({ id: 1, size: 'L' })).toBe('done');
    expect(await cached.peek({ id: 1, size: 'L' })).toEqual({ hit: false });
  });

  test('refreshes: what it gives, and what is cached from then on, is new', async () => {
    await prices.of({ id: 1 });
    expect(await cacheOf(prices, 'of').refresh({ id: 1 })).toBe(2);
    expect(await prices.of({ id: 1 })).toBe(2);
  });

  test('bypasses: the method runs, and nothing is cached or forgotten', async () => {
    await prices.of({ id: 1 });
    expect(await cacheOf(prices, 'of').bypass({ id: 1 })).toBe(2);
    expect(await prices.of({ id: 1 })).toBe(1);
  });

  test('clears the whole resource', async () => {
    await prices.of({ id: 1 });
    await prices.of({ id: 2 });
    await cacheOf(prices, 'of').clear();
    await prices.of({ id: 1 });
    expect(runs).toBe(3);
  });

  test('refuses a method that is not decorated', () => {
    expect(() => cacheOf(prices, 'plain')).toThrow('cacheOf: plain() is not decorated; put @Cached on it');
  });

  test('gives functions that reject where the method would', async () => {
    cache = undefined as unknown as Cache;
    await expect(cacheOf(prices, 'of').evict({ id: 1 })).rejects.toThrow(/`cache` gave undefined/);
    await expect(cacheOf(prices, 'of').peek({ id: 1 })).rejects.toThrow(/`cache` gave undefined/);
  });
});
