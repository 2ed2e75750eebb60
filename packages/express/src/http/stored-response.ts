import type { OutgoingHttpHeader, ServerResponse } from 'node:http';
import type { Audience } from './credentials.ts';
import { hopByHop } from './hop-by-hop.ts';
import { responseFields } from './fields.ts';
import type { StaleUse } from './freshness.ts';
import { formatHttpDate } from './http-date.ts';

/** Names in their own case, each with its value, or its values where it had several lines. */
export type StoredFields = readonly (readonly [name: string, value: string | string[]])[];

/** A complete response as it is kept. Times are milliseconds. */
export interface StoredResponse extends StaleUse {
  readonly kind: 'response';
  readonly status: number;
  readonly statusMessage: string;
  readonly headers: StoredFields;
  /** Fields that were there before the handler, and that it took away. */
  readonly removed: readonly string[];
  /** Those that it left as they were, where the response may be given without what has set them: in front of the app. */
  readonly earlier?: StoredFields | undefined;
  readonly body: Buffer;
  readonly receivedAt: number;
  /** How old it was by then. */
  readonly age: number;
  readonly lifetime: number;
  readonly audience: Audience;
  readonly tags: readonly string[];
  readonly etag: string | undefined;
  /** The instant of Last-Modified. */
  readonly modified: number | undefined;
}

/** The response fields at one instant, by lower-case name. */
export type HeaderSnapshot = ReadonlyMap<string, OutgoingHttpHeader | undefined>;

/** Node has it for every outgoing message; its types only know it of requests. */
type RawNames = ServerResponse & { getRawHeaderNames(): string[] };

/** The fields that a response has by now, as they are: `appendHeader` adds to the very list that is there. */
export function snapshot(response: ServerResponse): HeaderSnapshot {
  return new Map(response.getHeaderNames().map((name) => [name, copied(response.getHeader(name)!)]));
}

function copied(value: OutgoingHttpHeader): OutgoingHttpHeader {
  return Array.isArray(value) ? [...value] : value;
}

/** RFC 9110 §8: what tells of the body that is stored with it, whoever has set it. */
const ofBody = new Set([
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-type',
  'etag',
  'last-modified',
]);

/**
 * The fields of a response that are to be stored: those that came after `before`. What earlier middleware sets, it
 * sets on a hit too, and then for the request that is answered: an id, say, or the origin that CORS allows.
 */
export function storedFields(
  response: ServerResponse,
  before: HeaderSnapshot,
  receivedAt: number,
  omitted: readonly string[],
): Pick<StoredResponse, 'headers' | 'removed'> & { readonly earlier: StoredFields } {
  const skipped = hopByHop(responseFields(response)('connection'));
  const headers: [string, string | string[]][] = [];
  const earlier: [string, string | string[]][] = [];
  for (const name of (response as RawNames).getRawHeaderNames()) {
    const value = response.getHeader(name)!;
    const key = name.toLowerCase();
    const isOurs = !skipped.has(key) && !omitted.includes(key) && key !== 'age';
    const isEarlier = !ofBody.has(key) && isSame(before.get(key), value);
    if (isOurs) (isEarlier ? earlier : headers).push([name, textOf(value)]);
  }
  // RFC 9110 §6.6.1: Node would give each hit a Date of its own, and Age is counted from this one.
  if (response.sendDate && !response.hasHeader('date')) headers.push(['Date', formatHttpDate(receivedAt)]);
  // A stored response has a length of its own.
  const isGone = (name: string): boolean => name === 'transfer-encoding' || !response.hasHeader(name);
  return { headers, removed: [...before.keys()].filter(isGone), earlier };
}

/**
 * The fields of a response with the length of its body, which was not known when they were sent. HEAD gets it too (RFC
 * 9110 §9.3.2), and of what is not sent Node does not tell it by itself; a 204 has none (§8.6).
 */
export function withLength(headers: StoredFields, status: number, length: number): StoredFields {
  if (status === 204 || fieldOf(headers, 'content-length') !== undefined) return headers;
  return [...headers, ['Content-Length', String(length)]];
}

/** The value of a stored field by its lower-case name; several lines come as one list. */
export function fieldOf(headers: StoredFields, name: string): string | undefined {
  const value = headers.find(([each]) => each.toLowerCase() === name)?.[1];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** How old a stored response is by now (RFC 9111 §4.2.3). */
export function currentAge({ age, receivedAt }: StoredResponse, now: number): number {
  return age + Math.max(0, now - receivedAt);
}

/** Gives a response the status and the fields of a stored one, and its Age (§5.1). */
export function restoreHead(response: ServerResponse, stored: StoredResponse, now: number): void {
  response.statusCode = stored.status;
  response.statusMessage = stored.statusMessage;
  const { removed, headers } = stored;
  // By index: this is the hot path, and destructuring each pair is dear.
  for (let at = 0; at < removed.length; at += 1) response.removeHeader(removed[at]!);
  for (let at = 0; at < headers.length; at += 1) response.setHeader(headers[at]![0], headers[at]![1]);
  response.setHeader('Age', Math.floor(currentAge(stored, now) / 1_000));
}

function isSame(one: OutgoingHttpHeader | undefined, other: OutgoingHttpHeader): boolean {
  if (!Array.isArray(one) || !Array.isArray(other)) return one === other;
  return one.length === other.length && one.every((line, at) => line === other[at]);
}

function textOf(value: OutgoingHttpHeader): string | string[] {
  return Array.isArray(value) ? [...value] : String(value);
}
