import type { AnyMethod } from './site.ts';

interface MetadataReflection {
  getOwnMetadataKeys(target: object): unknown[];
  getOwnMetadata(key: unknown, target: object): unknown;
  defineMetadata(key: unknown, value: unknown, target: object): void;
}

/**
 * Makes `wrapper` look like `method`: its `name` and `length`, its own properties, and its reflect-metadata where that
 * is in use. Guards and routers that were told something about the method find it on the wrapper.
 */
export function resemble(wrapper: AnyMethod, method: AnyMethod): void {
  for (const property of Reflect.ownKeys(method)) {
    if (property === 'prototype' || property === 'arguments' || property === 'caller') continue;
    Object.defineProperty(wrapper, property, Object.getOwnPropertyDescriptor(method, property)!);
  }
  const reflection = Reflect as Partial<MetadataReflection>;
  for (const key of reflection.getOwnMetadataKeys?.(method) ?? []) {
    reflection.defineMetadata?.(key, reflection.getOwnMetadata?.(key, method), wrapper);
  }
}
