/** A copy of plain data, Dates and Maps: the least code that can make one. */
export function copyByHand(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyByHand);
  if (value instanceof Date) return new Date(value);
  if (value instanceof Map) {
    const copy = new Map<unknown, unknown>();
    for (const [key, item] of value) copy.set(key, copyByHand(item));
    return copy;
  }
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value)) copy[name] = copyByHand((value as Record<string, unknown>)[name]);
  return copy;
}
