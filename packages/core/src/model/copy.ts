import { types } from 'node:util';
import { isRecord } from './shape.ts';

/** A copy of a `plain` or `rich` value (see `Shape`): a tree, whose every part is met once. */
export function treeCopy<T>(value: T): T;
export function treeCopy(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? copyPart(value) : value;
}

// To spread an object, and then to replace what it refers to, is several times as fast as to copy it field by field.
function copyPart(value: object): object {
  if (Array.isArray(value)) {
    const copy: unknown[] = value.slice();
    for (let index = 0; index < copy.length; index += 1) {
      const item = copy[index];
      if (typeof item === 'object' && item !== null) copy[index] = copyPart(item);
    }
    return copy;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  // What most Dates are told by; `types` has to leave compiled code to look.
  if (prototype === Date.prototype) return new Date((value as Date).getTime());
  if (prototype === Object.prototype || isRecord(value)) {
    const copy = { ...value } as Record<string, unknown>;
    for (const name in copy) {
      const item = copy[name];
      if (typeof item === 'object' && item !== null) copy[name] = copyPart(item);
    }
    return copy;
  }
  if (types.isMap(value)) {
    const copy = new Map<unknown, unknown>();
    for (const [key, item] of value) copy.set(treeCopy(key), treeCopy(item));
    return copy;
  }
  if (types.isSet(value)) {
    const copy = new Set<unknown>();
    for (const item of value) copy.add(treeCopy(item));
    return copy;
  }
  return leafCopy(value);
}

/** A copy of any cloneable value, cycles included. Unlike `structuredClone` it keeps Buffers as Buffers, and null prototypes. */
export function graphCopy(value: unknown): unknown {
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
  return leafCopy(value);
}

function leafCopy(value: object): object {
  if (types.isDate(value)) return new Date(value.getTime());
  return ArrayBuffer.isView(value) ? viewCopy(value) : structuredClone(value);
}

/** It holds what the view shows and no more: a structured clone would have all the bytes behind it, a Buffer the whole pool. */
function viewCopy(view: ArrayBufferView): ArrayBufferView {
  if (types.isTypedArray(view)) return typedArray.slice.call(view);
  const { buffer, byteOffset, byteLength } = view;
  return new DataView(buffer.slice(byteOffset, byteOffset + byteLength));
}

/** What all typed arrays inherit: a Buffer has a `slice` of its own, which copies nothing. */
const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;

/** Freezes plain data all the way down. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) freezePart(value);
  return value;
}

// Like this it makes no array of what it walks over.
function freezePart(value: object): void {
  if (Array.isArray(value)) for (const item of value as unknown[]) deepFreeze(item);
  else for (const name in value) deepFreeze((value as Record<string, unknown>)[name]);
  Object.freeze(value);
}
