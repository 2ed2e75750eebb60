import { describe, expect, test } from '@jest/globals';
import { seeded } from '../../src/measure/random.ts';
import { zipf } from '../../src/measure/zipf.ts';

function drawn(count: number, skew: number, draws: number): number[] {
  const draw = zipf(count, skew, seeded(1));
  const times = Array.from({ length: count }, () => 0);
  for (let index = 0; index < draws; index += 1) times[draw()]! += 1;
  return times;
}

describe('seeded random numbers', () => {
  test('are the same for a seed, and others for another', () => {
    const five = (seed: number): number[] => Array.from({ length: 5 }, seeded(seed));
    expect(five(1)).toEqual(five(1));
    expect(five(1)).not.toEqual(five(2));
  });

  test('fill the range from 0 up to 1 evenly', () => {
    const random = seeded(3);
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let index = 0; index < 100_000; index += 1) tenths[Math.floor(random() * 10)]! += 1;
    expect(Math.min(...tenths)).toBeGreaterThan(9_600);
    expect(Math.max(...tenths)).toBeLessThan(10_400);
  });
});

describe('ranks as popularity has them', () => {
  test('are drawn in proportion to one over their place', () => {
    const times = drawn(4, 1, 100_000);
    const share = 100_000 / (1 + 1 / 2 + 1 / 3 + 1 / 4);
    times.forEach((count, rank) => expect(Math.abs(count - share / (rank + 1))).toBeLessThan(share * 0.02));
  });

  test('are all alike without skew', () => {
    for (const count of drawn(5, 0, 50_000)) expect(Math.abs(count - 10_000)).toBeLessThan(400);
  });

  test('never leave their range, whatever the random number', () => {
    expect(zipf(3, 0.99, () => 0)()).toBe(0);
    expect(zipf(3, 0.99, () => 1 - 2 ** -32)()).toBe(2);
    expect(zipf(1, 0.99, () => 0.5)()).toBe(0);
  });
});
