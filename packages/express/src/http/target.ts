import type { IncomingMessage } from 'node:http';
import { requestFields } from './fields.ts';
import { cacheKey } from './key.ts';
import { urlTag } from './url-tag.ts';
import { canonicalQuery, type QueryRule } from './query.ts';
import { type UnkeyedHeaders, unkeyedInput } from './unkeyed.ts';
import { type Normalise, selectingText } from './vary.ts';

/** A request as Express completes it. */
export interface TargetRequest extends IncomingMessage {
  readonly originalUrl: string;
  /** `req.protocol`, which honours `trust proxy`. */
  readonly protocol: string;
}

/** A request that the cache may answer, by its key; or the reason why the cache has no part in it. */
export type Target = TargetKey | { readonly refused: string };

/** What a response is found by. */
export interface TargetKey {
  readonly key: string;
  /** By what all responses of the URL are found, where the key says more than that. */
  readonly tag: string | undefined;
  /** Whom the response is for alone. */
  readonly scope: string | undefined;
}

/** What tells the responses of a route apart, besides their URL. */
export interface Distinctions {
  readonly query: QueryRule | undefined;
  readonly unkeyedHeaders: UnkeyedHeaders;
  /** Request fields that are always part of the key, in lower case. */
  readonly keyedFields: readonly string[];
  readonly normalise: Normalise;
  /** Whom the response is for alone. */
  readonly scope: string | undefined;
  /** What the route adds. */
  readonly extra: string | undefined;
}

/** Finds the key of a GET or HEAD request, whose semantics the cache understands. */
export function targetOf(
  request: IncomingMessage,
  uri: string,
  distinctions: Distinctions,
  trusted: () => boolean,
): Target {
  const { headers } = request;
  // RFC 9110 §9.3.1: content in a GET has no meaning, so a handler that reads it answers what no key can tell.
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0) {
    return { refused: 'content' };
  }
  // RFC 9110 §13.1: these ask for the origin's current state.
  if (headers['if-match'] !== undefined || headers['if-unmodified-since'] !== undefined) {
    return { refused: 'precondition' };
  }
  return uriTarget(request, uri, distinctions, trusted);
}

/** The key of a URI at the host of a request, whatever the request's method. */
export function uriTarget(
  request: IncomingMessage,
  uri: string,
  distinctions: Distinctions,
  trusted: () => boolean,
): Target {
  const { keyedFields, normalise, scope, extra } = distinctions;
  const unkeyed = unkeyedInput(request, distinctions.unkeyedHeaders, trusted);
  if (unkeyed.refused !== undefined) return { refused: unkeyed.refused };
  const { headers } = request;
  const scheme = schemeOf(request, trusted);
  // With `trust proxy` it is whatever X-Forwarded-Proto says.
  if (scheme !== 'http' && scheme !== 'https') return { refused: 'scheme' };
  const authority = headers.host?.toLowerCase() ?? '';
  if (!isAuthority(authority)) return { refused: 'host' };
  // Absolute form has a second authority; few clients send it, and handlers do not agree on which one counts.
  if (!/^\/[^\s#]*$/.test(uri)) return { refused: 'target' };

  const mark = uri.indexOf('?');
  const path = mark < 0 ? uri : uri.slice(0, mark);
  const query = mark < 0 ? '' : canonicalQuery(uri.slice(mark + 1), distinctions.query);
  const fields = keyedFields.length === 0 ? '' : selectingText(keyedFields, requestFields(headers), normalise);
  const forwarded = unkeyed.keyed;
  const key = cacheKey({ scheme, authority, path, query, forwarded, scope, fields, extra });
  if (key === undefined) return { refused: 'length' };
  const isOfUrlAlone = forwarded === '' && scope === undefined && fields === '' && extra === undefined;
  const tag = isOfUrlAlone ? undefined : urlTag(toldHost(request, trusted) ?? authority, path, query);
  return { key, tag, scope };
}

/** What `req.protocol` of Express is, without Express. */
function schemeOf({ headers, socket }: IncomingMessage, trusted: () => boolean): string {
  const told = headers['x-forwarded-proto'];
  if (told !== undefined && trusted()) return firstOf(told);
  return (socket as { encrypted?: boolean }).encrypted === true ? 'https' : 'http';
}

/** The host that clients know, if a trusted proxy tells it. */
export function toldHost({ headers }: IncomingMessage, trusted: () => boolean): string | undefined {
  const told = headers['x-forwarded-host'];
  return told !== undefined && trusted() ? firstOf(told).toLowerCase() : undefined;
}

/**
 * The hosts by which the URL of a request may be known: the one it came to, and the one that clients know. Who has a
 * trusted proxy pass on a host of their own making adds one, and takes none away.
 */
export function hostsOf(request: IncomingMessage, trusted: () => boolean): readonly string[] {
  const told = toldHost(request, trusted);
  const hosts = [request.headers.host?.toLowerCase() ?? '', ...(told === undefined ? [] : [told])];
  return [...new Set(hosts)];
}

function firstOf(told: string | string[]): string {
  return String(told).split(',', 1)[0]!.trim();
}

/** The one that was fine last: most requests are for the same. */
let lastFine = '';

function isAuthority(text: string): boolean {
  if (text === lastFine) return true;
  const fine = /^[a-z0-9._~:[\]-]{0,260}$/.test(text);
  if (fine) lastFine = text;
  return fine;
}
