import { describe, expect, test } from '@jest/globals';
import { sizeOf } from '../../../src/stores/memory/size-of.ts';

describe('the size of a value', () => {
  test.each<[string, unknown, unknown]>([
    ['string', 'x'.repeat(10), 'x'.repeat(1_000)],
    ['String', Object('x'.repeat(10)), Object('x'.repeat(1_000))],
    ['array', [1], Array.from({ length: 100 }, () => 1)],
    ['object', { a: 'x' }, { a: 'x'.repeat(1_000) }],
    ['object of objects', { a: { b: 'x' } }, { a: { b: 'x'.repeat(1_000) } }],
    ['Map by its values', new Map([['a', 1]]), new Map([['a', 'x'.repeat(1_000)]])],
    ['Map by its keys', new Map([['a', 1]]), new Map([['x'.repeat(1_000), 1]])],
    ['Map of Maps', new Map([['a', new Map()]]), new Map([['a', new Map([['b', 'x'.repeat(1_000)]])]])],
    ['Set', new Set(['a']), new Set(['x'.repeat(1_000)])],
    ['Buffer', Buffer.alloc(10), Buffer.alloc(1_000)],
    ['ArrayBuffer', new ArrayBuffer(10), new ArrayBuffer(1_000)],
    ['bigint', 1n, 2n ** 10_000n],
  ])('of a %s grows with what it holds', (_name, small, large) => {
    expect(sizeOf(large)).toBeGreaterThan(sizeOf(small) + 500);
    expect(Number.isInteger(sizeOf(large))).toBe(true);
  });

  test('of views is that of the bytes that they keep alive, counted once', () => {
    const slab = new Uint8Array(100_000);
    const size = sizeOf([slab.subarray(0, 8), slab.subarray(8, 16)]);
    expect(size).toBeGreaterThan(100_000);
    expect(size).toBeLessThan(101_000);
  });

  test('with cycles comes to an end, and counts what is referred to twice once', () => {
    const part = { text: 'x'.repeat(1_000) };
    const value: Record<string, unknown> = { first: part, second: part };
    value['self'] = value;
    expect(sizeOf(value)).toBeLessThan(2 * sizeOf(part));
    expect(sizeOf(value)).toBeGreaterThan(sizeOf(part));
  });

  test('is not limited by depth', () => {
    let value: unknown = 'x'.repeat(1_000);
    for (let depth = 0; depth < 100_000; depth += 1) value = depth % 2 === 0 ? [value] : { value };
    expect(sizeOf(value)).toBeGreaterThan(100_000 * 40 + 2_000);
  });

  test('is not counted any further once it is more than it may be', () => {
    const endless = {
      *[Symbol.iterator]() {
        for (;;) yield 'x';
      },
    };
    // A Set that never ends stands for one that takes too long to walk.
    const value = Object.defineProperty(new Set(), Symbol.iterator, { value: endless[Symbol.iterator] });
    expect(sizeOf([value, value], 10_000)).toBeGreaterThan(10_000);
    expect(sizeOf([new Array(2 ** 32 - 1), 1], 10_000)).toBeLessThan(20_000);
  });

  test('of what cannot be looked at is more than any bound', () => {
    const thrower = Object.defineProperty({}, 'text', {
      enumerable: true,
      get() {
        throw new Error('No.');
      },
    });
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect([sizeOf(thrower), sizeOf([proxy])]).toEqual([Infinity, Infinity]);
  });
});
