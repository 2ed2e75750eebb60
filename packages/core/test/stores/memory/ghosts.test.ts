import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fingerprint, Ghosts } from '../../../src/stores/memory/ghosts.ts';

describe('the ghosts', () => {
  test('are the last ones added, less those that came back', () => {
    // Few low bits: many fingerprints in few buckets.
    const print = fc.integer({ min: 1, max: 60 }).map((number) => (number % 3) + number * 2 ** 20 - 2 ** 25);
    const action = fc.tuple(fc.boolean(), print, fc.integer({ min: 0, max: 300 }));
    fc.assert(
      fc.property(fc.array(action, { maxLength: 400 }), fc.boolean(), (actions, oneBound) => {
        const ghosts = new Ghosts();
        let model: (number | undefined)[] = [];
        for (const [isAdd, each, most] of actions) {
          const known = model.includes(each);
          if (isAdd && !known) {
            const bound = oneBound ? 100 : Math.max(1, most);
            ghosts.add(each, bound);
            model = [...model, each].slice(-bound);
          } else {
            expect(ghosts.take(each)).toBe(known);
            model = model.map((other) => (other === each ? undefined : other));
          }
          expect(ghosts.size).toBe(model.filter((other) => other !== undefined).length);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('may be many, and any of them be found', () => {
    const ghosts = new Ghosts();
    for (let print = 1; print <= 10_000; print += 1) ghosts.add(print, 5_000);
    expect(ghosts.size).toBe(5_000);
    const found = Array.from({ length: 10_000 }, (_, index) => ghosts.take(index + 1));
    expect([found.indexOf(true), found.lastIndexOf(false), ghosts.size]).toEqual([5_000, 4_999, 0]);
  });
});

describe('a fingerprint', () => {
  test('tells a hundred thousand keys apart, and those of two segments', () => {
    const prints = [1, 2].flatMap((seed) => Array.from({ length: 50_000 }, (_, i) => fingerprint(`user:${i}`, seed)));
    // Of 10⁵ hashes of 32 bits, 1.2 pairs are the same on the mean.
    expect(new Set(prints).size).toBeGreaterThan(99_990);
    expect(prints).not.toContain(0);
  });

  test('spreads keys over buckets by its low bits', () => {
    const buckets = new Array<number>(256).fill(0);
    for (let i = 0; i < 25_600; i += 1) buckets[fingerprint(String(i), 1) & 255]! += 1;
    expect(Math.min(...buckets)).toBeGreaterThan(50);
    expect(Math.max(...buckets)).toBeLessThan(160);
  });
});
