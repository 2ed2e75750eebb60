import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Audience } from './credentials.ts';
import type { StoredResponse } from './stored-response.ts';
import type { VaryRule } from './place.ts';

/** What has been found sound; memory gives the same objects at each hit. */
const sound = new WeakSet<object>();

/**
 * True for a response or a rule that can be used. A shared tier may hold what an older version or somebody else put
 * there: it must not be able to break an answer, or to split it (CR and LF in a field).
 */
export function isSound(stored: unknown): stored is StoredResponse | VaryRule {
  if (typeof stored !== 'object' || stored === null) return false;
  if (sound.has(stored)) return true;
  const { kind } = stored as Partial<StoredResponse | VaryRule>;
  const fine =
    kind === 'response' ? isResponse(stored as StoredResponse) : kind === 'vary' && isRule(stored as VaryRule);
  if (fine) sound.add(stored);
  return fine;
}

function isResponse(stored: StoredResponse): boolean {
  const { status, statusMessage, headers, earlier = [], removed, body, audience, tags, etag, modified } = stored;
  try {
    for (const [name, value] of [...headers, ...earlier]) {
      validateHeaderName(name);
      for (const line of [value].flat()) validateHeaderValue(name, line);
    }
    for (const name of removed) validateHeaderName(name);
    validateHeaderValue('status', statusMessage);
  } catch {
    return false;
  }
  const { receivedAt, age, lifetime, staleWhileRevalidate, staleIfError, mustRevalidate } = stored;
  const times = [receivedAt, age, lifetime, staleWhileRevalidate, staleIfError, modified ?? 0];
  if (!times.every(Number.isFinite) || typeof mustRevalidate !== 'boolean') return false;
  if (!audiences.has(audience) || !isListOfText(tags) || typeof (etag ?? '') !== 'string') return false;
  return Number.isInteger(status) && status >= 200 && status <= 999 && ArrayBuffer.isView(body);
}

function isListOfText(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

const audiences = new Set<Audience>(['anyone', 'authorized', 'anonymous', 'unauthorized']);

function isRule({ id, fields }: VaryRule): boolean {
  return typeof id === 'string' && isListOfText(fields);
}
