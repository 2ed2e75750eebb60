import { describe, expect, test } from '@jest/globals';
import { beladyHits } from '../../src/eviction/belady.ts';
import { seeded } from '../../src/measure/random.ts';

/** The most hits any cache can have that takes in every key it misses, by trying every choice. */
function mostHits(trace: readonly number[], size: number, cached: readonly number[] = []): number {
  const [key, ...rest] = trace;
  if (key === undefined) return 0;
  if (cached.includes(key)) return 1 + mostHits(rest, size, cached);
  if (cached.length < size) return mostHits(rest, size, [...cached, key]);
  return Math.max(...cached.map((gone) => mostHits(rest, size, [...cached.filter((each) => each !== gone), key])));
}

describe('the hits of a cache that knows the future', () => {
  test('are those of the textbook example', () => {
    const trace = [7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1];
    expect(beladyHits(Int32Array.from(trace), 3)).toBe(20 - 9);
  });

  test('are as many as any choice could bring', () => {
    const random = seeded(1);
    for (let round = 0; round < 200; round += 1) {
      const trace = Array.from({ length: 9 }, () => Math.floor(random() * 5));
      const size = 1 + Math.floor(random() * 3);
      expect([trace, size, beladyHits(Int32Array.from(trace), size)]).toEqual([trace, size, mostHits(trace, size)]);
    }
  });

  test('are all but the first of each key where there is room for all', () => {
    expect(beladyHits(Int32Array.from([1, 2, 3, 1, 2, 3, 1]), 3)).toBe(4);
  });

  test('are none where no key comes back', () => {
    expect(
      beladyHits(
        Int32Array.from({ length: 1_000 }, (_, at) => at),
        10,
      ),
    ).toBe(0);
  });
});
