import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { shapeOf } from '../../src/model/shape.ts';

class Point {
  x = 1;
}
class Stack extends Array<number> {}
class Instant extends Date {}
class Registry extends Map {}

function withCycle(): object {
  const node: Record<string, unknown> = {};
  node['self'] = node;
  return node;
}

function withSharedPart(): object {
  const part = { a: 1 };
  return { first: part, second: part };
}

test.each<[string, unknown]>([
  ['a string', 'x'],
  ['a number', 1.5],
  ['a boolean', false],
  ['null', null],
  ['an empty object', {}],
  ['an empty array', []],
  ['a tree of all of them', { a: [1, 'x', null, { b: true }], c: {} }],
])('%s is plain: JSON can say it', (_name, value) => {
  expect(shapeOf(value)).toBe('plain');
});

test.each<[string, unknown]>([
  ['undefined', undefined],
  ['NaN', NaN],
  ['an infinity', -Infinity],
  ['negative zero', -0],
  ['a bigint', 5n],
  ['a Date', new Date(0)],
  ['a Map', new Map([['a', 1]])],
  ['a Set', new Set([1])],
  ['a RegExp', /a/g],
  ['a Buffer', Buffer.from('a')],
  ['a typed array', new Float64Array(2)],
  ['an ArrayBuffer', new ArrayBuffer(2)],
  ['an Error', new TypeError('no')],
  ['an undefined field', { a: undefined }],
  ['an own field called toJSON', { toJSON: 'x' }],
  ['a Date deep inside', { a: [{ b: new Date(0) }] }],
])('%s is rich: structured clone can say it', (_name, value) => {
  expect(shapeOf(value)).toBe('rich');
});

test.each<[string, unknown]>([
  ['a sparse array', [1, , 3]], // oxlint-disable-line no-sparse-arrays -- its subject
  ['an array with a field', Object.assign([1], { total: 1 })],
  ['a null prototype', Object.assign(Object.create(null), { a: 1 })],
  ['a cycle', withCycle()],
  ['a part that is referred to twice', withSharedPart()],
  ['an own field called __proto__', JSON.parse('{ "__proto__": { "a": 1 } }')],
  ['a Date beside a cycle', [new Date(0), withCycle()]],
])('%s is a graph: to copy it takes a memory of what was met', (_name, value) => {
  expect(shapeOf(value)).toBe('graph');
});

test.each<[string, unknown]>([
  ['a function', () => undefined],
  ['a symbol', Symbol('x')],
  ['an instance', new Point()],
  ['an instance deep inside', { a: [new Map([['b', new Point()]])] }],
  ['an instance as the key of a Map', new Map([[new Point(), 1]])],
  ['an instance in a Set', new Set([new Point()])],
  ['an instance in a field of an array', Object.assign([1], { origin: new Point() })],
  ['an instance in a field of an array with a hole', Object.assign([1, , 3], { origin: new Point() })], // oxlint-disable-line no-sparse-arrays -- its subject
  ['an array of a class of its own', new Stack(1, 2, 3)],
  ['a Date of a class of its own', new Instant(0)],
  ['a Map of a class of its own', new Registry()],
  ['a method', { a: 1, get: () => 1 }],
  ['an own method toJSON', { toJSON: () => 'x' }],
  ['a symbol as a name', { [Symbol('x')]: 1 }],
  [
    'a getter',
    {
      get now() {
        throw new Error('called');
      },
    },
  ],
  ['a hidden field', Object.defineProperty({}, 'hidden', { value: 1 })],
  ['a boxed string', Object('x')],
  ['a Promise', Promise.resolve(1)],
  ['a WeakMap', new WeakMap()],
])('%s is foreign: no copy would be faithful', (_name, value) => {
  expect(shapeOf(value)).toBe('foreign');
});

test('what is plain comes back from JSON as it was', () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true, withSparseArray: true, withObjectString: true }), (value) => {
      if (shapeOf(value) !== 'plain') return;
      expect(JSON.parse(JSON.stringify(value))).toStrictEqual(value);
    }),
    { numRuns: 500 },
  );
});

test('an array of four billion holes is looked at in no time', () => {
  expect(shapeOf(new Array(2 ** 32 - 1))).toBe('graph');
});
