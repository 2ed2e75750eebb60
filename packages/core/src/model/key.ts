import { CacheError } from './errors.ts';

/** What names a value within its resource. A number and its decimal text are one key: `42` and `'42'` are one user. */
export type Key = string | number;

/** The most UTF-16 units a key may have. */
const maxKeyLength = 512;

/** The key as text, unchecked: a hit has no need of a check, since no refused key was ever stored. */
export function keyText(key: Key): string {
  if (typeof key === 'string') return key;
  // NaN is refused, but 'NaN' is a key: its text must not be found in memory.
  return typeof key === 'number' && Number.isFinite(key) ? String(key) : '';
}

/**
 * Checks a key that is about to be looked up outside memory, loaded or stored.
 *
 * @throws CacheError `INVALID_KEY`.
 */
export function checkKey(key: unknown, resource: string): void {
  const fault = keyFault(key);
  if (fault !== undefined) throw new CacheError('INVALID_KEY', `resource '${resource}': ${fault}`, { resource });
}

function keyFault(key: unknown): string | undefined {
  if (typeof key === 'number') return Number.isFinite(key) ? undefined : `${key} is not a key; give a finite number`;
  if (typeof key !== 'string') return `a key is a string or a number, not ${key === null ? 'null' : typeof key}`;
  if (key.length === 0) return 'the key is empty; give the id of what you look for';
  if (key.length > maxKeyLength) {
    return `the key has ${key.length} characters, more than ${maxKeyLength}; give a hash of it`;
  }
  // Encoded as UTF-8, every lone surrogate becomes U+FFFD: two such keys would be one in a shared tier.
  if (/[\uD800-\uDFFF]/.test(key) && !isWellFormed(key)) return 'the key is not well-formed Unicode (a lone surrogate)';
  return undefined;
}

/** False for text with a lone surrogate, which UTF-8 cannot carry. */
export function isWellFormed(text: string): boolean {
  return !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text);
}

/** The ad hoc values of `getOrSet` live in a segment no resource can have, since resources have names. */
export const adHocSegment = '';

/**
 * A key of a resource as one string for a shared tier. It has no braces, which on a cluster name a slot; and no resource
 * has a colon in its name, so the first one tells where that ends.
 */
export function address(segment: string, key: string): string {
  return `${segment}:${/[%{}]/.test(key) ? key.replace(/[%{}]/g, escaped) : key}`;
}

/** The segment and the key that an address was made of. */
export function partsOf(address: string): readonly [segment: string, key: string] {
  const end = address.indexOf(':');
  const key = address.slice(end + 1);
  return [
    address.slice(0, end),
    key.replace(/%(?:25|7B|7D)/g, (code) => String.fromCharCode(parseInt(code.slice(1), 16))),
  ];
}

function escaped(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
