import { describe, expect, test } from '@jest/globals';
import { memoryStore, type MemoryStoreOptions } from '@cache/core';
import fc from 'fast-check';
import { ManualClock } from '../../../src/model/manual-clock.ts';
import type { LocalEntry } from '../../../src/model/store.ts';
import { sizeOf } from '../../../src/stores/memory/size-of.ts';
import { entryOf } from '../../support/entry.ts';

const held = (value: unknown): LocalEntry => ({
  ...entryOf({ value }),
  servedUntil: Infinity,
  checkedVersion: 0,
  handOut: undefined,
  settled: undefined,
});
const open = (options?: MemoryStoreOptions) =>
  memoryStore(options).open({ namespace: 'cache', clock: new ManualClock(), report: () => undefined });

describe('a memory store', () => {
  test('forgets what was least recently used, of all resources together', () => {
    const space = open({ maxEntries: 3 });
    const [users, carts] = [space.segment('user'), space.segment('cart')];
    users.set('1', held('user 1'));
    carts.set('1', held('cart 1'));
    users.set('2', held('user 2'));
    users.get('1');
    carts.set('2', held('cart 2'));
    expect(carts.get('1')).toBeUndefined();
    expect([users.get('1')?.value, users.get('2')?.value, carts.get('2')?.value]).toEqual([
      'user 1',
      'user 2',
      'cart 2',
    ]);
    expect([users.size, carts.size]).toEqual([2, 1]);
  });

  test('behaves like a plain list of what was used last, whatever is done to it', () => {
    const key = fc.integer({ min: 0, max: 9 }).map(String);
    const action = fc.tuple(fc.constantFrom('get', 'set', 'delete'), key);
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), fc.integer({ min: 1, max: 6 }), (actions, maxEntries) => {
        const segment = open({ maxEntries }).segment('user');
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

  test('holds no more bytes than it may, and nothing that is larger than all of them', () => {
    const segment = open({ maxBytes: '10kb' }).segment('user');
    for (let i = 0; i < 100; i += 1) segment.set(String(i), held('x'.repeat(1_000)));
    expect(segment.size).toBeGreaterThan(2);
    expect(segment.size).toBeLessThan(10);
    expect(segment.get('99')).toBeDefined();
    segment.set('99', held('x'.repeat(100_000)));
    expect(segment.get('99')).toBeUndefined();
    expect(segment.size).toBeGreaterThan(2);
  });

  test('has room again for what was deleted or replaced', () => {
    const segment = open({ maxBytes: '10kb' }).segment('user');
    for (let i = 0; i < 1_000; i += 1) segment.set('1', held('x'.repeat(1_000)));
    segment.set('2', held('x'.repeat(1_000)));
    segment.delete('1');
    segment.delete('1');
    segment.set('3', held('x'.repeat(1_000)));
    expect(
      [segment.get('1'), segment.get('2')?.value, segment.get('3')?.value].map((each) => each === undefined),
    ).toEqual([true, false, false]);
  });

  test('holds many more entries than it began with', () => {
    const segment = open({ maxEntries: 5_000 }).segment('user');
    for (let i = 0; i < 6_000; i += 1) segment.set(String(i), held(i));
    expect(segment.size).toBe(5_000);
    expect([segment.get('999'), segment.get('1000')?.value, segment.get('5999')?.value]).toEqual([
      undefined,
      1_000,
      5_999,
    ]);
  });

  test('holds nothing once it is closed', () => {
    const space = open();
    const segment = space.segment('user');
    segment.set('1', held('value'));
    space.close();
    expect([segment.get('1'), segment.size]).toEqual([undefined, 0]);
  });
});

describe('the size of a value', () => {
  test.each<[string, unknown, unknown]>([
    ['string', 'x'.repeat(10), 'x'.repeat(1_000)],
    ['array', [1], Array.from({ length: 100 }, () => 1)],
    ['object', { a: 'x' }, { a: 'x'.repeat(1_000) }],
    ['Map', new Map([['a', 1]]), new Map([['a', 'x'.repeat(1_000)]])],
    ['Set', new Set(['a']), new Set(['x'.repeat(1_000)])],
    ['Buffer', Buffer.alloc(10), Buffer.alloc(1_000)],
    ['ArrayBuffer', new ArrayBuffer(10), new ArrayBuffer(1_000)],
    ['bigint', 1n, 2n ** 10_000n],
  ])('of a %s grows with what it holds', (_name, small, large) => {
    expect(sizeOf(large)).toBeGreaterThan(sizeOf(small) + 500);
  });

  test('with cycles comes to an end, and counts what is referred to twice once', () => {
    const part = { text: 'x'.repeat(1_000) };
    const value: Record<string, unknown> = { first: part, second: part };
    value['self'] = value;
    expect(sizeOf(value)).toBeLessThan(2 * sizeOf(part));
  });
});
