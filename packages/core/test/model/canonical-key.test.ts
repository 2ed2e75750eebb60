import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalKey } from '../../src/model/canonical-key.ts';
import { seededRandom } from '../../src/testing/random.ts';
import { thrownBy } from '../support/failure.ts';
import { differentValues } from '../support/told-value.ts';

describe('the canonical key of arguments', () => {
  test('is readable as long as it is short', () => {
    expect(canonicalKey(['42'])).toBe('("42")');
    expect(canonicalKey([42, { page: 1, by: ['name'] }])).toBe('(42,{"by":["name"],"page":1})');
  });

  test.each([[undefined], [null], ['42'], [{ length: 1, 0: 42 }]])('is not made of %p, which is no array', (args) => {
    const error = thrownBy(() => canonicalKey(args as unknown as unknown[]));
    expect([error.code, error.message]).toEqual(['INVALID_KEY', expect.stringContaining('canonicalKey([id, page])')]);
  });

  test('drops undefined at the end, and only there', () => {
    expect(canonicalKey([1, undefined, undefined])).toBe(canonicalKey([1]));
    expect(canonicalKey([])).toBe(canonicalKey([undefined]));
    expect(canonicalKey([undefined, 1])).not.toBe(canonicalKey([1]));
  });

  const alike = '2026-01-01T00:00:00.000Z';
  test.each<[string, unknown, unknown]>([
    ['a number and its text', 1, '1'],
    ['a bigint and a number', 1n, 1],
    ['null and undefined in front of more', [null, 1], [undefined, 1]],
    ['null and its text', null, 'null'],
    ['zero and minus zero', 0, -0],
    ['a Date and its text', new Date(alike), alike],
    ['a Date and its time', new Date(alike), Date.parse(alike)],
    ['an array and a Set', [1], new Set([1])],
    ['an object and a Map', { a: 1 }, new Map([['a', 1]])],
    ['an array and an object with its indexes', ['a'], { 0: 'a' }],
    ['an empty array and an empty object', [], {}],
    ['a field that is undefined and none', { a: undefined }, {}],
    ['nested and flat arrays', [[1], 2], [1, [2]]],
    ['strings that hold the separators', 'a","b', ['a', 'b']],
    ['bytes of different element types', new Uint8Array(2), new Uint16Array(1)],
    ['lone surrogates', '\uD800', '\uD801'],
  ])('tells %s apart', (_what, left, right) => {
    expect(canonicalKey([left])).not.toBe(canonicalKey([right]));
  });

  test('tells two arguments from one array of both', () => {
    expect(canonicalKey([1, 2])).not.toBe(canonicalKey([[1, 2]]));
  });

  test('is the same for a Buffer and for a Uint8Array with its bytes', () => {
    expect(canonicalKey([Buffer.from('abc')])).toBe(canonicalKey([new Uint8Array([97, 98, 99])]));
  });

  test('sees only the part of the memory that a view shows', () => {
    expect(canonicalKey([Buffer.from('xabcx').subarray(1, 4)])).toBe(canonicalKey([Buffer.from('abc')]));
  });

  test('understands objects without a prototype', () => {
    expect(canonicalKey([Object.assign(Object.create(null) as object, { a: 1 })])).toBe(canonicalKey([{ a: 1 }]));
  });

  test('takes the same object twice for what it is, not for a cycle', () => {
    const range = { from: 1 };
    expect(canonicalKey([range, range])).toBe('({"from":1},{"from":1})');
  });

  test('is hashed from 201 bytes on, counted in UTF-8', () => {
    const framing = '("")'.length;
    expect(canonicalKey(['x'.repeat(200 - framing)])).toMatch(/^\("x+"\)$/);
    expect(canonicalKey(['x'.repeat(201 - framing)])).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(canonicalKey(['é'.repeat(99)])).toMatch(/^sha256:/);
    expect(canonicalKey(['x'.repeat(300)])).not.toBe(canonicalKey([`${'x'.repeat(299)}y`]));
  });

  class User {}
  const cycle: unknown[] = [];
  cycle.push({ cycle });
  const deep = Array.from({ length: 5_000 }).reduce<unknown>((inner) => [inner], 1);
  test.each<[string, unknown, RegExp]>([
    ['a function', () => 1, /hold a function/],
    ['a symbol', Symbol('s'), /hold a symbol/],
    ['a field named by a symbol', { [Symbol('s')]: 1 }, /hold a symbol/],
    ['a class instance', { user: new User() }, /hold an instance of User/],
    ['an instance of a class derived from Map', new (class Index extends Map {})(), /hold an instance of Index/],
    ['a promise', Promise.resolve(), /hold an instance of Promise/],
    ['an object made from another', Object.create({ a: 1 }), /hold an instance of/],
    ['a cycle', cycle, /hold a cycle/],
    ['a very deep array', deep, /nested deeper than 100 levels/],
  ])('refuses %s and says to give `key`', (_what, value, sentence) => {
    const attempt = (): string => canonicalKey([value]);
    expect(attempt).toThrow(sentence);
    expect(attempt).toThrow(/give `key`/);
    expect(attempt).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }));
  });
});

describe('for random arguments', () => {
  // Few leaves and few names, so that equal and almost equal structures come up often.
  const { value: structure } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom<unknown>(0, -0, 1, NaN, '', '1', 'a', '"', ',', null, undefined, true, 1n, '\uD800'),
      fc.date({ noInvalidDate: true }),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', '1', '__proto__'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
      fc.array(fc.tuple(fc.constantFrom('a', 1, '1'), tie('value')), { maxLength: 3 }).map((pairs) => new Map(pairs)),
      fc.array(fc.constantFrom<unknown>('a', 1, '1', null), { maxLength: 3 }).map((items) => new Set(items)),
      fc.uint8Array({ maxLength: 2 }),
    ),
  }));
  const withoutTail = (args: unknown[]): unknown[] => {
    const last = args.findLastIndex((arg) => arg !== undefined);
    return args.slice(0, last + 1);
  };

  test('two keys are equal exactly if the arguments are', () => {
    const lists = fc.array(structure, { maxLength: 3 });
    fc.assert(
      fc.property(lists, lists, (left, right) => {
        const equal = isDeepStrictEqual(withoutTail(left), withoutTail(right));
        expect(canonicalKey(left) === canonicalKey(right)).toBe(equal);
      }),
      { numRuns: 3_000 },
    );
  });

  test('many distinct structures have as many keys', () => {
    const many = fc.uniqueArray(structure, { minLength: 100, maxLength: 200, comparator: isDeepStrictEqual });
    fc.assert(
      fc.property(many, (values) => {
        expect(new Set(values.map((value) => canonicalKey([value, 0]))).size).toBe(values.length);
      }),
      { numRuns: 20 },
    );
  });

  test('all pairs of a thousand values that look alike have a million keys', () => {
    // At the end of a list `undefined` is as good as absent.
    const values = differentValues(seededRandom(20_261_121), 1_001).filter(({ value }) => value !== undefined);
    const keys = new Set<string>();
    for (const { value: left } of values) for (const { value: right } of values) keys.add(canonicalKey([left, right]));
    expect(values).toHaveLength(1_000);
    expect(keys.size).toBe(1_000_000);
    const unlike = values.filter(({ value, again }) => canonicalKey([value]) !== canonicalKey([again]));
    expect(unlike).toEqual([]);
  });

  test('the order of fields, Map entries and Set members changes nothing', () => {
    fc.assert(
      fc.property(structure, (value) => {
        expect(canonicalKey([backwards(value)])).toBe(canonicalKey([value]));
      }),
      { numRuns: 1_000 },
    );
  });

  test('a key can be used as it is: well-formed, not empty, at most 200 bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(structure, fc.string({ unit: 'binary' }))), (args) => {
        const key = canonicalKey(args);
        expect(Buffer.from(key).toString()).toBe(key);
        expect(Buffer.byteLength(key)).toBeGreaterThan(0);
        expect(Buffer.byteLength(key)).toBeLessThanOrEqual(200);
      }),
    );
  });
});

/** The same value with everything that has no order put in the opposite one. */
function backwards(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(backwards);
  if (value instanceof Map) return new Map([...value].reverse().map(([key, item]) => [key, backwards(item)] as const));
  if (value instanceof Set) return new Set([...value].reverse());
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, item]) => [name, backwards(item)]),
  );
}
