import { describe, expect, test } from '@jest/globals';
import { lru } from '@cache/core';
import fc from 'fast-check';
import { held, open } from './held.ts';

describe('a memory store with LRU', () => {
  test('forgets what was least recently used, of all resources together', () => {
    const space = open({ maxEntries: 3, eviction: lru() });
    const [users, carts] = [space.segment('user'), space.segment('cart')];
    users.set('1', held('user 1'));
    carts.set('1', held('cart 1'));
    users.set('2', held('user 2'));
    users.get('1');
    carts.set('2', held('cart 2'));
    expect([carts.get('1'), users.get('1')?.value, users.get('2')?.value, carts.get('2')?.value]).toEqual([
      undefined,
      'user 1',
      'user 2',
      'cart 2',
    ]);
    expect([users.size, carts.size]).toEqual([2, 1]);
    expect([users, carts].map((segment) => segment.figures().evictions.capacity)).toEqual([0, 1]);
  });

  test('behaves like a plain list of what was used last, whatever is done to it', () => {
    const key = fc.integer({ min: 0, max: 9 }).map(String);
    const action = fc.tuple(fc.constantFrom('get', 'set', 'delete'), key);
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), fc.integer({ min: 1, max: 6 }), (actions, maxEntries) => {
        const segment = open({ maxEntries, eviction: lru() }).segment('user');
        let model: string[] = [];
        actions.forEach(([what, name], turn) => {
          const known = model.includes(name);
          const others = model.filter((each) => each !== name);
          if (what === 'get') expect(segment.get(name) !== undefined).toBe(known);
          if (what === 'set') segment.set(name, held(turn));
          if (what === 'delete') segment.delete(name);
          if (what === 'set' || (what === 'get' && known)) model = [...others, name].slice(-maxEntries);
          if (what === 'delete') model = others;
          expect(segment.size).toBe(model.length);
        });
      }),
      { numRuns: 300 },
    );
  });
});
