import type { NextFunction, Request, Response } from 'express';
import onHeaders from 'on-headers';
import { alone } from './alone.ts';
import { Exchange } from './exchange.ts';
import { addCacheStatus, type CacheOutcome, cacheStatus, type Forward } from './http/cache-status.ts';
import { placeOf } from './http/place.ts';
import { targetOf } from './http/target.ts';
import { expressMiddleware, type Middleware, type PathParams } from './middleware.ts';
import { type CacheResponseOptions, type Route, routeOf } from './options.ts';
import { responsesOf } from './responses.ts';
import { trustsSender } from './trust.ts';
import { walk } from './walk.ts';
import { type Warn, warnOnce } from './warning.ts';

/**
 * Middleware that answers GET and HEAD requests from a cache, and keeps the responses of the handlers after it as
 * RFC 9111 allows a shared cache to. It may stand before a route, a router or a whole app.
 *
 * No response is shared that may be somebody's own, unless it says `public` or `s-maxage`: not one to a request with
 * Authorization, a cookie, a `req.user` or a `req.session`. None with `private`, `no-store`, `no-cache`, Set-Cookie or
 * `Vary: *` is stored. A cache that fails is a miss.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`, `INVALID_DURATION`, `DUPLICATE_RESOURCE`, `CLOSED`.
 */
export function cacheResponse<P = PathParams>(options: CacheResponseOptions<P>): Middleware {
  const route = routeOf(options);
  const responses = responsesOf(route.cache);
  const warn = warnOnce();
  return expressMiddleware<P>((req, res, next) => {
    // Mounted twice, on an app and on a route of it say, the outer one is the cache: the inner would wait for it.
    if (isInCache(req)) return next();
    enterCache(req);
    const plan = planFor(route, req, warn);
    if ('forward' in plan) return pass(route, res, next, plan);
    const exchange = new Exchange({ req, res, next, route, responses, scope: plan.scope, warn });
    // A closed cache, say: whatever it is, the handler answers.
    walk(exchange, placeOf(plan.key)).catch(() => alone(exchange, unavailable, placeOf(plan.key)));
  });
}

/** How a request is to be looked up; or what becomes of one that the cache has no part in. */
type Plan =
  { readonly key: string; readonly scope: string | undefined } | (CacheOutcome & { readonly forward: Forward });

function planFor<P>(route: Route<P>, req: Request<P>, warn: Warn): Plan {
  if (req.method !== 'GET' && req.method !== 'HEAD') return { forward: 'method' };
  const scope = scopeOf(route, req, warn);
  if (route.scope !== undefined && scope === undefined) return { forward: 'bypass', detail: 'scope' };
  const target = targetOf(req, route.query, scope, () => trustsSender(req));
  return 'refused' in target ? { forward: 'bypass', detail: target.refused } : { key: target.key, scope };
}

const unavailable = { forward: 'bypass', detail: 'error' } as const;

/** Runs the handler, and tells that the cache had no part in it. */
function pass(route: { name: string }, res: Response, next: NextFunction, outcome: CacheOutcome): void {
  onHeaders(res, () => addCacheStatus(res, cacheStatus(route.name, outcome)));
  next();
}

/** Whom a response is for, where the route asks for that; `undefined` if it is not known, so that nothing is shared. */
function scopeOf<P>(route: Route<P>, req: Request<P>, warn: Warn): string | undefined {
  try {
    const scope = route.scope?.(req);
    if (typeof scope === 'string' && scope !== '') return scope;
    if (scope != null) throw new TypeError('scope must be a string that is not empty, or undefined');
  } catch (error) {
    warn('responses are not cached, since their scope is not known', error);
  }
  return undefined;
}

/** Of the whole process, so that the ESM and the CommonJS build of this package see each other. */
const mark = Symbol.for('@cache/express/request');

function isInCache(req: Marked): boolean {
  return req[mark] === true;
}

function enterCache(req: Marked): void {
  req[mark] = true;
}

type Marked = object & { [mark]?: true };
