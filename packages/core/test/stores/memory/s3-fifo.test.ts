import { describe, expect, test } from '@jest/globals';
import { lru } from '@cache/core';
import fc from 'fast-check';
import { held, open } from './held.ts';
import { S3FifoModel } from './s3-fifo-model.ts';

/** How many of the requests found their key, in a store that takes in what it misses. */
function hits(requests: Iterable<number>, options: Parameters<typeof open>[0]): number {
  const segment = open(options).segment('user');
  let found = 0;
  for (const request of requests) {
    const key = String(request);
    if (segment.get(key) !== undefined) found += 1;
    else segment.set(key, held(request));
  }
  return found;
}

describe('a memory store with S3-FIFO', () => {
  test('behaves like the plain lists of its model, whatever is done to it', () => {
    const key = fc.integer({ min: 0, max: 30 }).map(String);
    const what = fc.constantFrom('get', 'get', 'set', 'set', 'set', 'set', 'delete');
    const action = fc.tuple(what, key);
    const size = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(fc.array(action, { minLength: 50, maxLength: 300, size: 'max' }), size, (actions, maxEntries) => {
        const segment = open({ maxEntries }).segment('user');
        const model = new S3FifoModel();
        const turns = actions.map(([what, name]) => {
          const found = segment.get(name) !== undefined;
          const expected = model.use(name);
          if (what === 'delete') {
            segment.delete(name);
            model.remove(name);
          } else if (what === 'set') {
            segment.set(name, held(name));
            if (!expected) model.add(name, maxEntries);
          }
          return [found, segment.size, expected, model.size];
        });
        expect(turns.map(([found, size]) => [found, size])).toEqual(turns.map(([, , found, size]) => [found, size]));
      }),
      { numRuns: 200 },
    );
  });

  test('keeps what is in use when somebody walks through much that nobody asks for again', () => {
    function* requests() {
      for (let round = 0; round < 20; round += 1) {
        for (let i = 0; i < 1_000; i += 1) yield i % 50;
        for (let i = 0; i < 500; i += 1) yield 1_000 + round * 500 + i;
      }
    }
    // All but the first round of the 50 keys; LRU has each of them to load again after each walk.
    expect(hits(requests(), { maxEntries: 100 })).toBe(20 * 1_000 - 50);
    expect(hits(requests(), { maxEntries: 100, eviction: lru() })).toBe(20 * 1_000 - 20 * 50);
  });

  test('makes the small queue larger where keys are used again soon after they left it', () => {
    function* requests() {
      // Each key twice, with fifty others in between.
      for (let i = 0; i < 20_000; i += 1) yield i % 2 === 0 ? i : i - 101;
    }
    expect(hits(requests(), { maxEntries: 100 })).toBeGreaterThan(9_500);
  });

  test('does not take the same key of another resource for one that comes back', () => {
    const space = open({ maxEntries: 10 });
    const [users, carts] = [space.segment('user'), space.segment('cart')];
    for (let i = 0; i < 20; i += 1) users.set(String(i), held(i));
    for (let i = 0; i < 10; i += 1) carts.set(String(i), held(i));
    // As they are new, one walk pushes them out; what had come back would have stayed in the main queue.
    for (let i = 20; i < 30; i += 1) users.set(String(i), held(i));
    expect([users.size, carts.size]).toEqual([10, 0]);
  });
});
