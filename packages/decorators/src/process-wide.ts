/**
 * What `make` made at the first call of the whole process: the ESM and the CommonJS build of this package may both be
 * loaded, and know of each other's decorators. Raise the number when what they share changes its shape.
 */
export function processWide<T>(name: string, make: () => T): T {
  const world = globalThis as { [place: symbol]: unknown };
  return (world[Symbol.for(`@cache/decorators 1: ${name}`)] ??= make()) as T;
}
