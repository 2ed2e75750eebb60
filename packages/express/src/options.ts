import {
  type ByteSize,
  type Cache,
  type Duration,
  duration,
  flag,
  func,
  identifier,
  integer,
  invalid,
  oneOf,
  optional,
  parseBytes,
  parseOptions,
  positiveDuration,
  withDefault,
} from '@cache/core';
import type { Request } from 'express';
import { statusName } from './http/cache-status.ts';
import type { IgnoresCookie } from './http/credentials.ts';
import type { StorageRules } from './http/storage-rules.ts';
import type { Distinctions } from './http/target.ts';
import type { PathParams } from './middleware.ts';
import { cacheRule, cookiesRule, queryRule, varyRule } from './option-rules.ts';
import { type Responses, responsesOf } from './responses.ts';
import { type Tags, tagsRule } from './tags.ts';

/** What a route tells the cache. `P` is the type of its `req.params`. */
export interface CacheResponseOptions<P = PathParams> {
  /** The cache to keep responses in, with its tiers; they share one resource of it, named `http`. */
  cache: Cache;
  /**
   * For how long a response is fresh that says nothing about it (no `s-maxage`, `max-age` or Expires). It is for this
   * cache alone: the client gets the handler's own headers. Default: such a response is not stored.
   */
  ttl?: Duration;
  /** What `cache.invalidateTags` and `evicts` find the response by. A function is called once the response has its headers. */
  tags?: Tags<P>;
  /**
   * Asks for caching per user: whom the response is for. Requests without a scope go to the handler. Within one, cookies,
   * sessions, Authorization and `private` do not rule the cache out, since nobody else is given the response.
   */
  scope?: (req: Request<P>) => string | undefined;
  /** Cookies that no response of this route depends on. Default: none, so a request with any cookie is somebody's own. */
  cookies?: { ignore: readonly (string | RegExp)[] };
  /**
   * `'strict'`: all that RFC 9111 allows a shared cache, which knows nothing of cookies, sessions and users, and stores
   * Set-Cookie. It is for caches in front of an origin that says what is private. Default `'safe'`.
   */
  mode?: 'safe' | 'strict';
  /**
   * Whether a response that says nothing of its freshness, but has Last-Modified, is fresh for a tenth of the time since
   * then, a day at most (RFC 9111 §4.2.2). Default false.
   */
  heuristics?: boolean;
  /**
   * For how long after the end of its freshness a response is given out at once, while it is replaced in the
   * background (RFC 5861); for responses that say nothing of it. Default 0.
   */
  staleWhileRevalidate?: Duration;
  /** For how long after the end of its freshness a response is given out if the handler fails (RFC 5861). Default 0. */
  staleIfError?: Duration;
  /** Whether a request's own Cache-Control counts (RFC 9111 §5.2.1): anybody could send it. Default false. */
  requestDirectives?: boolean;
  /** The requests that the cache has a part in. Default: all. */
  when?: (req: Request<P>) => boolean;
  /** The requests that the cache has no part in. Default: none. */
  unless?: (req: Request<P>) => boolean;
  /** What else the response depends on; it is added to the key. Without an answer nothing is. */
  key?: (req: Request<P>) => string | undefined;
  /**
   * Request fields that are part of every key, whether or not responses have them in Vary; or, by field, what of its
   * value counts: `{ 'accept-language': (value) => (value?.startsWith('de') ? 'de' : 'en') }`.
   */
  vary?: readonly string[] | Record<string, (value: string | undefined) => string | undefined>;
  /**
   * What becomes of requests with fields that change answers and are in no key (`X-Forwarded-Host` from somebody who is
   * not trusted, `X-HTTP-Method-Override` …): the cache stands aside, the handler does not see the fields, or they are
   * part of the key. Default `'bypass'`.
   */
  unkeyedHeaders?: 'bypass' | 'strip' | 'key';
  /** The query parameters that count, or those that do not, by their names as clients write them. Default: all count. */
  query?: { allow: readonly string[] } | { ignore: readonly string[] };
  /** The largest body that is kept. Default `'1mb'`. */
  maxEntrySize?: ByteSize;
  /** How many variants of one URL are kept, where responses have Vary. Default 32. */
  maxVariants?: number;
  /** For how long a request waits for the answer of another one for the same URL before it runs the handler itself. Default `'5s'`. */
  maxWait?: Duration;
  /** What the cache calls itself in Cache-Status. Default: the cache's namespace. */
  name?: string;
  /**
   * Whether `front` may answer with responses of this route, before Express is entered and so without what stands before
   * the route in the app. It rules out what needs Express: `scope`, `when`, `unless`, `key`. Default false.
   */
  front?: boolean;
}

/** What of a route's options a request is looked up by; it needs nothing of Express. */
export interface LookupRules extends Distinctions {
  /** Those of the route's cache. */
  readonly responses: Responses;
  readonly requestDirectives: boolean;
  readonly maxVariants: number;
  /** As it stands in Cache-Status. */
  readonly name: string;
}

/** The options of one route as they are used; durations in milliseconds, sizes in bytes. */
export interface Route<P = unknown> extends StorageRules, LookupRules {
  readonly tags: Tags<P> | undefined;
  readonly scope: ((req: Request<P>) => unknown) | undefined;
  readonly key: ((req: Request<P>) => unknown) | undefined;
  readonly when: ((req: Request<P>) => unknown) | undefined;
  readonly unless: ((req: Request<P>) => unknown) | undefined;
  readonly ignoresCookie: IgnoresCookie;
  readonly maxWait: number;
  readonly front: boolean;
}

/** @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`, `INVALID_DURATION`, `DUPLICATE_RESOURCE`, `CLOSED`. */
export function routeOf<P>(options: CacheResponseOptions<P>): Route<P> {
  const { cache, cookies, query, vary, mode, name, ...parsed } = parseOptions('cacheResponse', options, {
    cache: cacheRule,
    ttl: optional(positiveDuration),
    tags: optional(tagsRule<P>),
    scope: optional(func<(req: Request<P>) => unknown>()),
    key: optional(func<(req: Request<P>) => unknown>()),
    when: optional(func<(req: Request<P>) => unknown>()),
    unless: optional(func<(req: Request<P>) => unknown>()),
    mode: withDefault(oneOf('safe', 'strict'), 'safe'),
    heuristics: withDefault(flag, false),
    staleWhileRevalidate: withDefault(duration, 0),
    staleIfError: withDefault(duration, 0),
    requestDirectives: withDefault(flag, false),
    cookies: cookiesRule,
    query: optional(queryRule),
    vary: varyRule,
    unkeyedHeaders: withDefault(oneOf('bypass', 'strip', 'key'), 'bypass'),
    maxEntrySize: withDefault(parseBytes, 1024 ** 2),
    maxVariants: withDefault(integer(1, 10_000), 32),
    maxWait: withDefault(positiveDuration, 5_000),
    name: optional(identifier),
    front: withDefault(flag, false),
  });
  const asking = (['scope', 'when', 'unless', 'key'] as const).find((each) => parsed[each] !== undefined);
  if (parsed.front && asking !== undefined) {
    const sentence = `answers before Express is entered, so there is nothing that \`${asking}\` could ask: leave one of the two out`;
    throw invalid('cacheResponse: front', sentence);
  }
  const strict = mode === 'strict';
  const responses = responsesOf(cache);
  const urls = responses.urlsBy(query);
  const inStatus = statusName(name ?? cache.namespace);
  return { ...parsed, ...vary, responses, urls, strict, ignoresCookie: cookies, name: inStatus };
}
