import fc from 'fast-check';

// `fc.anything` makes boxed primitives, symbols and the like only when asked, so what comes is structured-cloneable.
const leaf = fc.oneof(
  fc.anything({
    maxDepth: 2,
    withBigInt: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
    withNullPrototype: true,
  }),
  // Two invalid dates are never equal, neither to Jest nor to Node.
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom<unknown>(NaN, -0, Infinity, -Infinity, undefined, null, 0, '', false, /a+/giu),
  fc.jsonValue().map((value): unknown => JSON.parse(`{"__proto__":${JSON.stringify(value)},"toJSON":1}`)),
);

/** Everything that a faithful copy can be made of. */
export const richValue = fc.oneof(
  leaf,
  fc.array(leaf, { maxLength: 4 }),
  fc.dictionary(fc.string(), leaf, { maxKeys: 4 }),
  fc.array(fc.tuple(leaf, leaf), { maxLength: 3 }).map((pairs) => new Map(pairs)),
);

/** Every object that is reachable from a value, and that somebody could change. */
export function mutableParts(value: unknown, met = new Set<object>()): Set<object> {
  if (typeof value !== 'object' || value === null || met.has(value)) return met;
  met.add(value);
  if (ArrayBuffer.isView(value)) met.add(value.buffer);
  if (value instanceof Map) for (const pair of value) mutableParts(pair, met).delete(pair);
  else if (value instanceof Set) for (const item of value) mutableParts(item, met);
  else if (!ArrayBuffer.isView(value)) for (const item of Object.values(value)) mutableParts(item, met);
  return met;
}
