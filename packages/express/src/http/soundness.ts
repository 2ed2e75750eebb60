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

function isResponse({ status, statusMessage, headers, removed, body, audience, ...times }: StoredResponse): boolean {
  try {
    for (const [name, value] of headers) {
      validateHeaderName(name);
      for (const line of [value].flat()) validateHeaderValue(name, line);
    }
    for (const name of removed) validateHeaderName(name);
    validateHeaderValue('status', statusMessage);
  } catch {
    return false;
  }
  const { receivedAt, age, lifetime } = times;
  if (!audiences.has(audience)) return false;
  const numbers = [receivedAt, age, lifetime].every(Number.isFinite);
  return Number.isInteger(status) && status >= 200 && status <= 599 && numbers && ArrayBuffer.isView(body);
}

const audiences = new Set<Audience>(['anyone', 'authorized', 'anonymous']);

function isRule({ id, fields }: VaryRule): boolean {
  return typeof id === 'string' && Array.isArray(fields) && fields.every((name) => typeof name === 'string');
}
