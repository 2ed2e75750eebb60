import { types } from 'node:util';

/**
 * What a value is made of, and so how it can be copied:
 * `plain`, exactly what JSON can say; `rich`, a tree that has Date, Map, Set, bigint, Buffer and the like besides;
 * `graph`, structured-cloneable too, but with cycles, parts that are met twice, sparse arrays, null prototypes or fields
 * named `__proto__`; `foreign`, holding class instances, functions or symbols, of which no faithful copy can be made from outside.
 */
export type Shape = 'plain' | 'rich' | 'graph' | 'foreign';

/** The shape of a value, in one walk over it. Getters are not called: a value that has one is foreign. */
export function shapeOf(value: unknown): Shape {
  return walk(value, new Set());
}

function walk(value: unknown, met: Set<object>): Shape {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return 'plain';
    case 'number':
      // JSON has no NaN, no infinities and no negative zero.
      return Number.isFinite(value) && !Object.is(value, -0) ? 'plain' : 'rich';
    case 'undefined':
    case 'bigint':
      return 'rich';
    case 'object':
      return value === null ? 'plain' : walkObject(value, met);
    default:
      return 'foreign';
  }
}

function walkObject(value: object, met: Set<object>): Shape {
  if (met.has(value)) return 'graph';
  met.add(value);
  if (Array.isArray(value)) return walkArray(value, met);
  if (isRecord(value)) return walkFields(value, met);
  // Fields of one's own on a Date, a Map or an Error (its `code`, say) are lost in every copy.
  if (!ArrayBuffer.isView(value) && Object.keys(value).length > 0) return 'foreign';
  if (isBuiltIn(value, types.isMap)) return walkAll([...(value as Map<unknown, unknown>)].flat(), met, 'rich');
  if (isBuiltIn(value, types.isSet)) return walkAll([...(value as Set<unknown>)], met, 'rich');
  if (isBuiltIn(value, types.isDate) || isBuiltIn(value, types.isRegExp)) return 'rich';
  return types.isArrayBufferView(value) || types.isArrayBuffer(value) || isStandardError(value) ? 'rich' : 'foreign';
}

// What was made in another realm, such as a `vm` context, has prototypes of its own: identity does not tell.

/** An object literal, or one without a prototype; not an instance of a class. */
export function isRecord(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || isRoot(prototype as object);
}

/** Of this built-in class itself; a subclass of it has behaviour that no copy has. */
function isBuiltIn(value: object, is: (value: unknown) => boolean): boolean {
  return is(value) && isRoot(Object.getPrototypeOf(Object.getPrototypeOf(value)) as object | null);
}

function isRoot(prototype: object | null): boolean {
  return prototype !== null && Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
}

const standardErrors = new Set(
  [Error, RangeError, TypeError, SyntaxError, ReferenceError, EvalError, URIError].map((type) => type.name),
);

function isStandardError(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null;
  return types.isNativeError(value) && standardErrors.has(prototype?.constructor?.name ?? '');
}

function walkArray(value: readonly unknown[], met: Set<object>): Shape {
  if (!isBuiltIn(value, Array.isArray)) return 'foreign';
  const names = Object.keys(value);
  // Names that are no indices come last.
  const dense = names.length === value.length && (names.length === 0 || names.at(-1) === String(value.length - 1));
  return dense ? walkAll(value, met, 'plain') : walkAll(Object.values(value), met, 'graph');
}

function walkFields(value: object, met: Set<object>): Shape {
  let shape: Shape = Object.getOwnPropertySymbols(value).length === 0 ? 'plain' : 'foreign';
  for (const field of Object.values(Object.getOwnPropertyDescriptors(value))) {
    if (shape === 'foreign') return shape;
    // What a copy would leave out, or have to compute, cannot be given back as it was.
    shape = field.get !== undefined || !field.enumerable ? 'foreign' : worse(shape, walk(field.value, met));
  }
  if (Object.getPrototypeOf(value) === null || Object.hasOwn(value, '__proto__')) return worse(shape, 'graph');
  return Object.hasOwn(value, 'toJSON') ? worse(shape, 'rich') : shape;
}

function walkAll(values: readonly unknown[], met: Set<object>, least: Shape): Shape {
  let shape = least;
  for (const value of values) {
    if (shape === 'foreign') return shape;
    shape = worse(shape, walk(value, met));
  }
  return shape;
}

const ranks: Record<Shape, number> = { plain: 0, rich: 1, graph: 2, foreign: 3 };

function worse(a: Shape, b: Shape): Shape {
  return ranks[a] > ranks[b] ? a : b;
}
