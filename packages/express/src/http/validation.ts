import type { IncomingMessage } from 'node:http';
import { listsTag } from './conditional.ts';
import { addField, removeFields } from './fields.ts';
import { fieldOf, type StoredFields, type StoredResponse } from './stored-response.ts';

/** Request fields that ask whether the client's own copy is current, or for a part of it. */
const conditions = ['if-none-match', 'if-modified-since', 'if-match', 'if-unmodified-since', 'if-range', 'range'];

/**
 * Makes a request one for a whole response, or, where there is something stored, for what is newer than that (RFC 9111
 * §4.3.1). What the client itself has is of no use to others. True if the request has a condition now.
 */
export function condition(request: IncomingMessage, stored: StoredResponse | undefined): boolean {
  removeFields(request, conditions);
  if (stored === undefined) return false;
  if (stored.etag !== undefined) addField(request, 'If-None-Match', stored.etag);
  const modified = fieldOf(stored.headers, 'last-modified');
  if (stored.modified !== undefined) addField(request, 'If-Modified-Since', modified!);
  return stored.etag !== undefined || stored.modified !== undefined;
}

// RFC 9111 §3.2: what the body that is stored depends on.
const bound = new Set(['content-encoding', 'content-length', 'content-range', 'transfer-encoding']);

/**
 * The fields of a stored response with those of a 304 in their place (RFC 9111 §3.2). A 304 with an entity-tag of
 * something else is no news of this response (§4.3.4): nothing of it is taken over.
 */
export function freshened(stored: StoredResponse, fresh: StoredFields): StoredFields {
  const etag = fieldOf(fresh, 'etag');
  if (etag !== undefined && stored.etag !== undefined && !listsTag(etag, stored.etag)) return stored.headers;
  const news = new Map(fresh.filter(([name]) => !bound.has(name.toLowerCase())).map((each) => [key(each), each]));
  const kept = stored.headers.map((each) => news.get(key(each)) ?? each);
  const known = new Set(stored.headers.map(key));
  // §4.2.3: the age it had before is not the age it has now.
  return [...kept, ...[...news.values()].filter((each) => !known.has(key(each)))];
}

function key([name]: readonly [string, unknown]): string {
  return name.toLowerCase();
}
