import type { FieldReader } from './fields.ts';
import { parseHttpDate } from './http-date.ts';
import { fieldOf, type StoredResponse } from './stored-response.ts';

/**
 * Whether the client has this very response already (RFC 9110 §13.2.2, RFC 9111 §4.3.2): If-None-Match decides where
 * it is there, else If-Modified-Since.
 */
export function isNotModified(fields: FieldReader, stored: StoredResponse, now: number): boolean {
  // RFC 9110 §13.2.1: a condition on anything but a success is ignored.
  if (stored.status < 200 || stored.status > 299) return false;
  const tags = fields('if-none-match');
  if (tags !== undefined) return stored.etag === undefined ? tags.trim() === '*' : listsTag(tags, stored.etag);
  const since = fields('if-modified-since');
  if (since === undefined) return false;
  // §13.1.3: a date that is none is ignored; NaN compares as false.
  return lastChange(stored) <= parseHttpDate(since, now);
}

/** Whether a part may be sent of what is stored, by If-Range (RFC 9110 §13.1.5): only a strong validator will do. */
export function allowsRange(fields: FieldReader, stored: StoredResponse, now: number): boolean {
  const condition = fields('if-range');
  if (condition === undefined) return true;
  if (condition.includes('"')) return condition === stored.etag && !condition.startsWith('W/');
  const date = fieldOf(stored.headers, 'date');
  // §8.8.2.2: a Last-Modified is strong if it is at least a second older than the response.
  const generated = parseHttpDate(date ?? '', stored.receivedAt);
  const isStrong = stored.modified !== undefined && generated - stored.modified >= 1_000;
  return isStrong && parseHttpDate(condition, now) === stored.modified;
}

/** Weak comparison with each entity-tag of a list (RFC 9110 §8.8.3.2), in one pass over it. */
export function listsTag(list: string, etag: string): boolean {
  if (list.trim() === '*') return true;
  const wanted = opaque(etag);
  let begin = 0;
  let quoted = false;
  for (let at = 0; at <= list.length; at += 1) {
    const character = list[at];
    if (character === '"') quoted = !quoted;
    // A comma in a tag is part of it.
    if (at < list.length && (quoted || character !== ',')) continue;
    if (opaque(list.slice(begin, at).trim()) === wanted) return true;
    begin = at + 1;
  }
  return false;
}

function opaque(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag;
}

/** RFC 9111 §4.3.2: without Last-Modified it is Date that counts, else when the response was received. */
function lastChange(stored: StoredResponse): number {
  if (stored.modified !== undefined) return stored.modified;
  const date = parseHttpDate(fieldOf(stored.headers, 'date') ?? '', stored.receivedAt);
  return Number.isNaN(date) ? stored.receivedAt : date;
}
