import { createHash } from 'node:crypto';
import { types } from 'node:util';
import { CacheError, shown } from './errors.ts';

/** The most bytes a canonical form is used as it is; a longer one is hashed. */
const longestForm = 200;
const deepest = 100;

/**
 * One key for one list of arguments: equal arguments give equal keys, and different ones give different keys.
 * Types count (`1` is not `'1'`), the order of object keys, Map entries and Set members does not, and `undefined` at the
 * end of the list is as good as absent. Primitives, plain objects, arrays, Date, Map, Set, bigint, Buffer and typed
 * arrays are understood. A form longer than 200 bytes is replaced by its SHA-256.
 *
 * @throws CacheError `INVALID_KEY` for what is no array, functions, symbols, instances of other classes, cycles, and deeper than 100 levels.
 */
export function canonicalKey(args: readonly unknown[]): string {
  if (!Array.isArray(args)) {
    const sentence = `canonicalKey takes the arguments as one array, such as canonicalKey([id, page]), not ${shown(args)}`;
    throw new CacheError('INVALID_KEY', sentence);
  }
  let count = args.length;
  while (count > 0 && args[count - 1] === undefined) count -= 1;
  let form = '(';
  for (let index = 0; index < count; index += 1) form += `${index === 0 ? '' : ','}${formOf(args[index], [])}`;
  form += ')';
  // A UTF-16 unit has at most three bytes: most forms need not be measured.
  if (form.length * 3 <= longestForm || Buffer.byteLength(form) <= longestForm) return form;
  // No form begins like this, so a hash is never taken for one.
  return `sha256:${createHash('sha256').update(form).digest('hex')}`;
}

function formsOf(values: Iterable<unknown>, within: readonly object[]): string[] {
  return Array.from(values, (value) => formOf(value, within));
}

/** Strings are quoted, and nothing else contains a quote: no two values can look the same, whatever the strings hold. */
function formOf(value: unknown, within: readonly object[]): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      return `${value}n`;
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'object':
      return value === null ? 'null' : formOfObject(value, within);
    default:
      throw refused(`a ${typeof value}`);
  }
}

function formOfObject(value: object, within: readonly object[]): string {
  if (within.includes(value)) throw refused('a cycle');
  if (within.length === deepest) throw refused(`something nested deeper than ${deepest} levels`);
  const inside = [...within, value];
  if (Array.isArray(value)) return `[${formsOf(value, inside).join(',')}]`;
  if (isPlain(value)) return `{${fieldsOf(value, inside).join(',')}}`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Date.prototype) return `Date(${(value as Date).getTime()})`;
  if (prototype === Map.prototype) return `Map{${entriesOf(value as Map<unknown, unknown>, inside).join(',')}}`;
  if (prototype === Set.prototype) return `Set{${sorted(formsOf(value as Set<unknown>, inside)).join(',')}}`;
  if (ArrayBuffer.isView(value)) return formOfBytes(value);
  throw refused(`an instance of ${className(prototype)}`);
}

function fieldsOf(value: object, inside: readonly object[]): string[] {
  if (Object.getOwnPropertySymbols(value).length > 0) throw refused('a symbol');
  const fields = value as Record<string, unknown>;
  return sorted(Object.keys(fields)).map((name) => `${JSON.stringify(name)}:${formOf(fields[name], inside)}`);
}

function entriesOf(map: Map<unknown, unknown>, inside: readonly object[]): string[] {
  return sorted(Array.from(map, ([key, item]) => `${formOf(key, inside)}=>${formOf(item, inside)}`));
}

function formOfBytes(view: ArrayBufferView): string {
  // A Buffer is a Uint8Array, and their bytes are all that either can say.
  const kind = types.isTypedArray(view) ? view[Symbol.toStringTag] : 'DataView';
  return `${kind}(${Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('base64')})`;
}

/** Made by a literal, by JSON or with a null prototype, in whatever realm: a test runner has one of its own. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return (
    prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty'))
  );
}

function sorted(texts: string[]): string[] {
  return texts.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function className(prototype: unknown): string {
  const { constructor } = prototype as { constructor?: unknown };
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'a class';
}

function refused(what: string): CacheError {
  const sentence = `the arguments hold ${what}, of which no key can be made; give \`key\`, such as key: (user) => user.id`;
  return new CacheError('INVALID_KEY', sentence);
}
