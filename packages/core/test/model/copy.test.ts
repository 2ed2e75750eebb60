import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deepFreeze, graphCopy, treeCopy } from '../../src/model/copy.ts';
import { shapeOf } from '../../src/model/shape.ts';
import { mutableParts, richValue } from '../support/rich-value.ts';

const plainValue: fc.Arbitrary<unknown> = fc.jsonValue().filter((value) => shapeOf(value) === 'plain');
const trees = fc.oneof(richValue, fc.jsonValue()).filter((value) => ['plain', 'rich'].includes(shapeOf(value)));

describe.each([
  ['a copy of a tree', treeCopy<unknown>, trees],
  ['a copy of anything cloneable', graphCopy, richValue],
])('%s', (_name, copy, values) => {
  test('is equal to it', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(copy(value)).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  test('shares nothing with it that could change', () => {
    fc.assert(
      fc.property(values, (value) => {
        const own = mutableParts(value);
        const shared = [...mutableParts(copy(value))].filter((part) => own.has(part));
        expect(shared).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

describe.each([
  ['a tree', treeCopy<unknown>],
  ['anything cloneable', graphCopy],
])('a copy of %s that shows a part of some bytes', (_name, copy) => {
  const slab = new Uint8Array(1 << 20).map((_, index) => index);
  test.each<[string, ArrayBufferView]>([
    ['Uint8Array', slab.subarray(8, 16)],
    ['Float64Array', new Float64Array(slab.buffer, 8, 1)],
    ['DataView', new DataView(slab.buffer, 8, 8)],
    ['Buffer', Buffer.from(slab.buffer, 8, 8)],
    ['Buffer of the pool', Buffer.from('12345678')],
  ])('holds that part alone, as %s', (_kind, view) => {
    const [made] = copy([view]) as [ArrayBufferView];
    expect(made).toEqual(view);
    expect(Object.prototype.toString.call(made)).toBe(Object.prototype.toString.call(view));
    expect(Buffer.isBuffer(made)).toBe(Buffer.isBuffer(view));
    expect([made.byteOffset, made.byteLength, made.buffer.byteLength]).toEqual([0, 8, 8]);
  });
});

describe('a copy of anything cloneable', () => {
  test('keeps a Buffer a Buffer, apart from the original', () => {
    const buffer = Buffer.from('abc');
    const copy = graphCopy({ buffer }) as { buffer: Buffer };
    expect(Buffer.isBuffer(copy.buffer)).toBe(true);
    buffer[0] = 0;
    expect(copy.buffer.toString()).toBe('abc');
  });

  test('keeps an invalid Date one', () => {
    expect((graphCopy(new Date(NaN)) as Date).getTime()).toBeNaN();
  });

  test('keeps a typed array apart from the original', () => {
    const numbers = new Float64Array([1, 2]);
    const copy = graphCopy(numbers) as Float64Array;
    numbers[0] = 9;
    expect([...copy]).toEqual([1, 2]);
  });

  test('keeps an own field called __proto__ a field, and changes no prototype', () => {
    const copy = graphCopy(JSON.parse('{ "__proto__": { "admin": true } }')) as { admin?: boolean };
    expect(copy.admin).toBeUndefined();
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    expect(JSON.stringify(copy)).toBe('{"__proto__":{"admin":true}}');
  });

  test('keeps a null prototype', () => {
    expect(Object.getPrototypeOf(graphCopy(Object.create(null)))).toBeNull();
  });

  test('has the same cycles', () => {
    const node: Record<string, unknown> = { list: [], map: new Map(), set: new Set() };
    (node['list'] as unknown[]).push(node);
    (node['map'] as Map<unknown, unknown>).set(node, node);
    (node['set'] as Set<unknown>).add(node);
    const copy = graphCopy(node) as typeof node;
    expect(copy).not.toBe(node);
    expect((copy['list'] as unknown[])[0]).toBe(copy);
    expect([...(copy['map'] as Map<unknown, unknown>)]).toEqual([[copy, copy]]);
    expect((copy['set'] as Set<unknown>).has(copy)).toBe(true);
    expect((copy['set'] as Set<unknown>).has(node)).toBe(false);
  });

  test('refers once to what was referred to twice', () => {
    const part = { a: 1 };
    const copy = graphCopy([part, part]) as [object, object];
    expect(copy[0]).toBe(copy[1]);
    expect(copy[0]).not.toBe(part);
  });

  test('keeps the holes and the length of a sparse array, and fields of an array', () => {
    const sparse = Object.assign([1], { total: 1 });
    sparse.length = 5;
    const copy = graphCopy(sparse) as typeof sparse;
    expect([copy.length, 1 in copy, copy.total]).toEqual([5, false, 1]);
  });

  test('keeps an array of any length that has few items cheap', () => {
    const copy = graphCopy(new Array(2 ** 32 - 1)) as unknown[];
    expect(copy.length).toBe(2 ** 32 - 1);
  });
});

describe('freezing', () => {
  test('goes all the way down', () => {
    fc.assert(
      fc.property(plainValue, (value) => {
        for (const part of mutableParts(deepFreeze(value))) expect(Object.isFrozen(part)).toBe(true);
      }),
    );
  });

  test('gives back the very value', () => {
    const value = { a: [] };
    expect(deepFreeze(value)).toBe(value);
  });
});
