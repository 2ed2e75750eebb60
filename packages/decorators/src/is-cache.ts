import type { Cache } from '@cache/core';

/** Told by its methods, not by its class: there may be two copies of `@cache/core`. */
export function isCache(value: unknown): value is Cache {
  const found = value as Partial<Record<'resource' | 'invalidateTags', unknown>> | null | undefined;
  return typeof found?.resource === 'function' && typeof found.invalidateTags === 'function';
}
