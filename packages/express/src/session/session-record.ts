import { CacheError } from '@cache/core';
import type { SessionData } from 'express-session';

/** A session with its id, which the key it is kept under may not tell. */
export interface IdentifiedSession {
  readonly id: string;
  readonly session: SessionData;
}

/** A session as JSON, as express-session takes it to be: what `JSON.stringify` leaves out is not kept. */
export function encodeSession(session: IdentifiedSession): Uint8Array {
  return Buffer.from(JSON.stringify(session));
}

/**
 * The session that was encoded.
 *
 * @throws CacheError `CORRUPT_FRAME`: a session that cannot be read is not one that was ended.
 */
export function decodeSession(record: Uint8Array): IdentifiedSession {
  const decoded = parsed(record);
  if (isObject(decoded) && typeof decoded['id'] === 'string' && isObject(decoded['session'])) {
    if (isObject(decoded['session']['cookie'])) return decoded as unknown as IdentifiedSession;
  }
  throw new CacheError('CORRUPT_FRAME', 'a session is kept in a form that this store does not write');
}

function parsed(record: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(record.buffer, record.byteOffset, record.byteLength).toString());
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
