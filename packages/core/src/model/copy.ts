import { types } from 'node:util';
import { isRecord } from './shape.ts';

/** A copy of plain data: nothing but objects, arrays and primitives, in a tree. */
export function plainCopy<T>(value: T): T;
export function plainCopy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plainCopy);
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value)) copy[name] = plainCopy((value as Record<string, unknown>)[name]);
  return copy;
}

/** A copy of any cloneable value. Unlike `structuredClone` it keeps Buffers as Buffers, and null prototypes. */
export function cloneableCopy(value: unknown): unknown {
  return copy(value, new Map());
}

function copy(value: unknown, met: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const known = met.get(value);
  if (known !== undefined) return known;
  const made = emptyLike(value);
  met.set(value, made);
  if (types.isMap(made))
    for (const [key, item] of value as Map<unknown, unknown>) made.set(copy(key, met), copy(item, met));
  else if (types.isSet(made)) for (const item of value as Set<unknown>) made.add(copy(item, met));
  else if (Array.isArray(made) || isRecord(made)) copyFields(value as Record<string, unknown>, made, met);
  return made;
}

function copyFields(from: Record<string, unknown>, to: object, met: Map<object, unknown>): void {
  for (const name of Object.keys(from)) {
    // Plain assignment to `__proto__` would change the prototype instead of making a field.
    Object.defineProperty(to, name, {
      value: copy(from[name], met),
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
}

/** For containers an empty one of the same kind, for leaves the finished copy. */
function emptyLike(value: object): object {
  if (Array.isArray(value)) return new Array<unknown>(value.length);
  if (isRecord(value)) return Object.getPrototypeOf(value) === null ? (Object.create(null) as object) : {};
  if (types.isMap(value)) return new Map();
  if (types.isSet(value)) return new Set();
  if (types.isDate(value)) return new Date(value);
  return Buffer.isBuffer(value) ? Buffer.from(value) : structuredClone(value);
}

/** Freezes plain data all the way down. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const item of Object.values(value)) deepFreeze(item);
  return Object.freeze(value);
}
