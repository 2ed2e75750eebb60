/**
 * About how many bytes of heap a value takes: strings by two bytes a character, numbers by eight, objects by their
 * fields and a fixed share. An estimate for a bound, not a measurement; what is referred to twice counts once.
 */
export function sizeOf(value: unknown): number {
  return measure(value, new Set());
}

function measure(value: unknown, met: Set<object>): number {
  if (typeof value === 'string') return 24 + value.length * 2;
  if (typeof value === 'bigint') return 24 + value.toString(16).length / 2;
  if (typeof value !== 'object' || value === null) return 8;
  if (met.has(value)) return 8;
  met.add(value);
  if (ArrayBuffer.isView(value)) return 96 + value.byteLength;
  if (value instanceof ArrayBuffer) return 96 + value.byteLength;
  if (value instanceof Map) return sum([...value.keys(), ...value.values()], 64, met);
  if (value instanceof Set) return sum([...value], 64, met);
  if (Array.isArray(value)) return sum(value, 32, met);
  return sum(Object.values(value), 56 + Object.keys(value).length * 8, met);
}

function sum(values: readonly unknown[], own: number, met: Set<object>): number {
  let bytes = own;
  for (const value of values) bytes += measure(value, met);
  return bytes;
}
