import type { IncomingMessage } from 'node:http';
import { requestFields } from './fields.ts';
import { cacheKey } from './key.ts';
import { urlTag } from './url-tag.ts';
import type { UrlReader } from './request-url.ts';
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

/** What tells the responses of a route apart. */
export interface Distinctions {
  readonly urls: UrlReader;
  readonly unkeyedHeaders: UnkeyedHeaders;
  /** Request fields that are always part of the key, in lower case. */
  readonly keyedFields: readonly string[];
  readonly normalise: Normalise;
}

/** What a route says of one request. */
export interface Particulars {
  /** Whom the response is for alone. */
  readonly scope: string | undefined;
  /** What the route adds to the key. */
  readonly extra: string | undefined;
}

/** Finds the key of a GET or HEAD request, whose semantics the cache understands. */
export function targetOf(
  request: IncomingMessage,
  uri: string,
  distinctions: Distinctions,
  particulars: Particulars,
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
  return uriTarget(request, uri, distinctions, particulars, trusted);
}

/** The key of a URI at the host of a request, whatever the request's method. */
export function uriTarget(
  request: IncomingMessage,
  uri: string,
  { urls, unkeyedHeaders, keyedFields, normalise }: Distinctions,
  { scope, extra }: Particulars,
  trusted: () => boolean,
): Target {
  const unkeyed = unkeyedInput(request, unkeyedHeaders, trusted);
  if (unkeyed.refused !== undefined) return { refused: unkeyed.refused };
  const { headers } = request;
  const url = urls.read(schemeOf(request, trusted), headers.host ?? '', uri);
  if ('refused' in url) return url;
  const forwarded = unkeyed.keyed;
  const fields = keyedFields.length === 0 ? '' : selectingText(keyedFields, requestFields(headers), normalise);
  const isOfUrlAlone = forwarded === '' && scope === undefined && fields === '' && extra === undefined;
  const key = isOfUrlAlone ? url.key : cacheKey({ ...url, forwarded, scope, fields, extra });
  if (key === undefined) return { refused: 'length' };
  const { authority, path, query } = url;
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
