import {
  type ByteSize,
  type Cache,
  type Duration,
  func,
  having,
  identifier,
  integer,
  invalid,
  optional,
  type OptionRule,
  parseBytes,
  parseOptions,
  positiveDuration,
  required,
  withDefault,
} from '@cache/core';
import type { Request } from 'express';
import type { PathParams } from './middleware.ts';
import type { IgnoresCookie } from './http/credentials.ts';
import type { QueryRule } from './http/query.ts';
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
}

/** The options of one route as they are used; durations in milliseconds, sizes in bytes. */
export interface Route<P = unknown> {
  readonly cache: Cache;
  readonly ttl: number | undefined;
  readonly tags: Tags<P> | undefined;
  readonly scope: ((req: Request<P>) => unknown) | undefined;
  readonly ignoresCookie: IgnoresCookie;
  readonly query: QueryRule | undefined;
  readonly maxEntrySize: number;
  readonly maxVariants: number;
  readonly maxWait: number;
  readonly name: string;
}

/** @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`, `INVALID_DURATION`. */
export function routeOf<P>(options: CacheResponseOptions<P>): Route<P> {
  const { cookies, name, ...parsed } = parseOptions('cacheResponse', options, {
    cache: cacheRule,
    ttl: optional(positiveDuration),
    tags: optional(tagsRule<P>),
    scope: optional(func<(req: Request<P>) => unknown>()),
    cookies: cookiesRule,
    query: optional(queryRule),
    maxEntrySize: withDefault(parseBytes, 1024 ** 2),
    maxVariants: withDefault(integer(1, 10_000), 32),
    maxWait: withDefault(positiveDuration, 5_000),
    name: optional(identifier),
  });
  return { ...parsed, ignoresCookie: cookies, name: name ?? parsed.cache.namespace };
}

/** A cache of `@cache/core`; of whatever copy of the package, so it is known by what it can do. */
export const cacheRule = required(
  having<Cache>('a cache made by createCache()', 'resource', 'invalidateTags', 'evict'),
  'cache: createCache()',
);

function cookiesRule(value: unknown, where: string): IgnoresCookie {
  if (value === undefined) return () => false;
  const isName = (each: unknown): boolean => typeof each === 'string' || each instanceof RegExp;
  const { ignore } = parseOptions(where, value, { ignore: required(listRule(isName), "ignore: ['theme', /^_ga/]") });
  const names = new Set(ignore.filter((each) => typeof each === 'string'));
  const patterns = ignore.filter((each) => each instanceof RegExp);
  // A pattern with the flag `g` or `y` remembers where it stopped; `search` does not.
  return (name) => names.has(name) || patterns.some((pattern) => name.search(pattern) >= 0);
}

function queryRule(value: unknown, where: string): QueryRule {
  const names = optional(listRule<string>((each) => typeof each === 'string'));
  const { allow, ignore } = parseOptions(where, value, { allow: names, ignore: names });
  if (allow !== undefined && ignore === undefined) return { allow: new Set(allow) };
  if (ignore !== undefined && allow === undefined) return { ignore: new Set(ignore) };
  throw invalid(where, "is either { allow: ['page'] } or { ignore: ['utm_source'] }");
}

function listRule<T = string | RegExp>(fits: (each: unknown) => boolean): OptionRule<readonly T[]> {
  return (value, where) => {
    if (Array.isArray(value) && value.every(fits)) return value as T[];
    throw invalid(where, "must be an array of names, such as ['theme']");
  };
}
