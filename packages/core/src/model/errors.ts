/** Every code a `CacheError` can have, with what it tells. Codes are stable: they change with a major version only. */
export const errorCodes = {
  UNKNOWN_OPTION: 'an option or an event that does not exist, with the nearest name that does',
  INVALID_OPTION: 'an option that is missing, of the wrong type, out of range, or at odds with another',
  INVALID_DURATION: 'neither milliseconds nor a string such as "150ms", "10s", "5m", "2h", "1d"',
  INVALID_KEY: 'a key that is empty, too long, not a finite number or a well-formed string',
  UNDEFINED_VALUE: 'undefined where a value is to be stored: null says "known to be absent"',
  INVALID_LOAD:
    'a loadMany whose answer is neither a Map nor an array as long as the keys it was given, or notModified() without a stale value',
  LOAD_TIMEOUT: 'a loader that took longer than `timeout.hard`',
  INVALID_VALUE: 'a value in a shared tier that the schema of its resource refuses',
  DUPLICATE_RESOURCE: 'a second resource of one name in one cache',
  CLOSED: 'a cache used, or closed once more, after close()',
  STORE_TIMEOUT: 'a store that did not answer within its deadline',
  STORE_REFUSED: 'a store that answers, but with an error: it is full, or its access rules forbid it',
  STORE_UNAVAILABLE: 'a store that is not asked, because it has just failed repeatedly',
  MISSING_PACKAGE: 'an optional package that is needed here and not installed',
  LEDGER_UNAVAILABLE:
    'a ledger that does not answer: what it has not told is not guessed, and a write may have been noted',
  LEDGER_FULL: 'a ledger with as many unwritten keys as it may have: nothing was noted',
  LEDGER_REFUSED: 'a place for a ledger that would lose what it accepts, or that is used in another way already',
  DURABILITY: 'a write that was accepted, but is not as sure as was asked for: `applied` and `version` tell of it',
  CONFLICT: 'a compare-and-set whose expected version the source has not: read it anew, and decide again',
  CONTENDED: 'a key that others changed again and again while it was to be read or updated, until the deadline',
  CORRUPT_FRAME: 'bytes in a shared tier that are not a record of ours',
  UNSTORABLE_VALUE: 'a value that a tier could not give back in the same shape',
} as const;

export type ErrorCode = keyof typeof errorCodes;

export interface ErrorDetails {
  readonly cause?: unknown;
  readonly resource?: string;
  readonly key?: string;
  readonly store?: string;
}

/** The only error the toolkit itself makes. What a loader or a writer throws reaches the caller as it was thrown. */
export class CacheError extends Error {
  override readonly name = 'CacheError';
  readonly code: ErrorCode;
  readonly resource: string | undefined;
  readonly key: string | undefined;
  readonly store: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    this.code = code;
    this.resource = details.resource;
    this.key = details.key;
    this.store = details.store;
  }
}

/** The error of a write that is accepted, but not as sure as was asked for. Made again as the same operation, it is no other write. */
export class DurabilityError extends CacheError {
  readonly applied = true;
  /** What the ledger gave the write. */
  readonly version: number;

  constructor(version: number, sentence: string, details: ErrorDetails = {}) {
    super('DURABILITY', sentence, details);
    this.version = version;
  }
}

/** A value in an error's sentence: what was given if that is short, else what it is. */
export function shown(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? `'${value.slice(0, 40)}'` : kindOf(value);
}

/** The message of whatever was thrown, in whatever realm; of what has none, as with a host of several addresses, its code. */
export function messageOf(error: unknown): string {
  const { message, code } = (error ?? {}) as { message?: unknown; code?: unknown };
  return [message, code].find((text): text is string => typeof text === 'string' && text !== '') ?? shown(error);
}

/** What a value is, in an error's sentence. */
export function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
}
