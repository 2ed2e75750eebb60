import { CacheError } from './errors.ts';

/** @throws CacheError `UNDEFINED_VALUE`. */
export function checkDefined(value: unknown, resource: string, method: string): void {
  if (value !== undefined) return;
  const sentence = `resource '${resource}': ${method} needs a value; write null for "known not to exist", or call evict to forget it`;
  throw new CacheError('UNDEFINED_VALUE', sentence, { resource });
}
