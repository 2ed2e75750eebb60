import {
  type Cache,
  type Duration,
  func,
  identifier,
  invalid,
  optional,
  parseOptions,
  positiveDuration,
  type Quota,
  required,
  type Usage,
  withDefault,
} from '@cache/core';
import type { NextFunction, Request, Response } from 'express';
import { expressMiddleware, type Middleware, type PathParams } from '../middleware.ts';
import { cacheRule } from '../option-rules.ts';
import { unavailable } from '../unavailable.ts';
import { setRateLimit } from './headers.ts';
import { algorithmRule, onOutageRule } from './rules.ts';

/** How many requests whom are allowed. `P` is the type of the route's `req.params`. */
export interface RateLimit<P = PathParams> {
  /** How many requests in a window; by a function of the request too. `Infinity` limits nothing, and counts nothing. */
  limit: number | ((req: Request<P>, res: Response) => number | Promise<number>);
  /** The length of the window. */
  window: Duration;
  /** Who is counted; a request without a key is not limited by this one. */
  key: (req: Request<P>, res: Response) => LimitKey | Promise<LimitKey>;
  /** See `rateLimitStore`; but requests that are refused do not count. Default `'sliding'`. */
  algorithm?: 'fixed' | 'sliding';
}

type LimitKey = string | number | null | undefined;

export interface RateLimitsOptions<P = PathParams> {
  /** Whose shared tier counts, for all processes; without a shared tier this process counts alone. */
  cache: Cache;
  /** By the names that the fields `RateLimit` and `RateLimit-Policy` of the responses give them. */
  limits: Record<string, RateLimit<P>>;
  /** Tells these limits from others in the same cache. On a cluster, all of their counters are in one slot. Default `'limits'`. */
  name?: string;
  /** See `rateLimitStore`. Default `'local'`. */
  onOutage?: 'open' | 'closed' | 'local';
  /** Answers what is refused; its status is 429 already. Default: a sentence. */
  handler?: (req: Request<P>, res: Response, next: NextFunction) => unknown;
}

/**
 * Middleware that lets a request pass if every limit has room for it, and counts it on all of them or on none, in one
 * atomic step and one round trip. The response has the fields `RateLimit` and `RateLimit-Policy`
 * (draft-ietf-httpapi-ratelimit-headers-08), and with 429 `Retry-After` (RFC 9110 §10.2.3).
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`, `INVALID_DURATION`.
 */
export function rateLimits<P = PathParams>(options: RateLimitsOptions<P>): Middleware {
  const parsed = parseOptions('rateLimits', options, {
    cache: cacheRule,
    limits: limitsRule<P>,
    name: withDefault(identifier, 'limits'),
    onOutage: withDefault(onOutageRule, 'local'),
    handler: optional(func<NonNullable<RateLimitsOptions<P>['handler']>>()),
  });
  const { cache, limits, name, onOutage, handler = refuse } = parsed;
  const counters = cache.counters(name, { onOutage });

  async function decide(req: Request<P>, res: Response, next: NextFunction): Promise<void> {
    const asked = (await Promise.all(limits.map((limit) => quotaOf(limit, req, res)))).filter(
      (each) => each !== undefined,
    );
    const { allowed, usages } = await counters.hit(
      name,
      asked.map(({ quota }) => quota),
    );
    const standings = asked.map((each, i) => ({ ...each, ...(usages[i] as Usage) }));
    setRateLimit(res, standings, allowed);
    if (allowed) return next();
    res.status(429);
    await handler(req, res, next);
  }
  return expressMiddleware<P>((req, res, next) => {
    decide(req, res, next).catch((error: unknown) => next(unavailable(error)));
  });
}

type Parsed<P> = Required<Omit<RateLimit<P>, 'window'>> & { readonly name: string; readonly window: number };

async function quotaOf<P>(
  { name, key, limit, window, algorithm }: Parsed<P>,
  req: Request<P>,
  res: Response,
): Promise<{ name: string; quota: Quota } | undefined> {
  const [whom, allowed] = await Promise.all([key(req, res), typeof limit === 'function' ? limit(req, res) : limit]);
  if (whom == null || allowed === Infinity) return undefined;
  if (typeof whom !== 'string' && typeof whom !== 'number') {
    throw invalid(`rateLimits: limits.${name}.key`, `must give a text, a number or undefined, not ${typeof whom}`);
  }
  return { name, quota: { key: `${name} ${whom}`, limit: allowed, window, algorithm, countRefused: false } };
}

function limitsRule<P>(value: unknown, where: string): Parsed<P>[] {
  const example = "{ address: { limit: 100, window: '1m', key: (req) => req.ip } }";
  if (typeof value !== 'object' || value === null || Array.isArray(value) || Object.keys(value).length === 0) {
    throw invalid(where, `must name the limits, such as ${example}`);
  }
  return Object.entries(value).map(([name, given]: [string, unknown]) => {
    const at = `${where}.${identifier(name, `${where}: the name of a limit`)}`;
    const { limit, window, key, algorithm } = parseOptions(at, given, {
      limit: required(limitRule<P>, 'limit: 100'),
      window: required(positiveDuration, "window: '1m'"),
      key: required(func<RateLimit<P>['key']>(), 'key: (req) => req.ip'),
      algorithm: withDefault(algorithmRule, 'sliding'),
    });
    return { name, limit, window, key, algorithm };
  });
}

function limitRule<P>(value: unknown, where: string): RateLimit<P>['limit'] {
  if (typeof value === 'function') return value as RateLimit<P>['limit'];
  if (value === Infinity || (Number.isInteger(value) && (value as number) >= 0)) return value as number;
  throw invalid(where, 'must be a whole number of requests from 0 on, Infinity, or a function that gives one');
}

function refuse(_req: unknown, res: Response): void {
  res.type('text').send('Too many requests, please try again later.');
}
