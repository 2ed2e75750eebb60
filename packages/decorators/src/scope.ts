import { CacheError, func, type Key, optional } from '@cache/core';

/** Tells whose values a call is about, such as the tenant's that an `AsyncLocalStorage` has. */
export type ScopeOption = () => string | number | undefined;

/** The rule of an option that is a `ScopeOption`. */
export const scopeRule = optional(func<ScopeOption>());

/**
 * The key within the scope of this call: no two scopes have a key in common, whatever either is called.
 *
 * @throws CacheError `INVALID_OPTION` where there is no scope: what belongs to nobody would be given to anybody.
 */
export function scopedKey(scope: ScopeOption | undefined, key: Key): Key {
  if (scope === undefined || !isKey(key)) return key;
  const found = scope();
  if (!isKey(found)) {
    const sentence = `scope gave ${found === '' ? "''" : typeof found}, so that nobody knows whose value it is; call the method where there is a tenant, such as within storage.run(tenant, …)`;
    throw new CacheError('INVALID_OPTION', sentence);
  }
  return `${String(found).replace(/[%/]/g, encodeURIComponent)}/${key}`;
}

/** What is none goes on as it is, to be refused where all keys are looked at. */
function isKey(value: unknown): value is Key {
  return typeof value === 'string' ? value !== '' : Number.isFinite(value);
}
