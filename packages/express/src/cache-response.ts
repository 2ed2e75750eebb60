import type { NextFunction, Response } from 'express';
import onHeaders from 'on-headers';
import { alone } from './alone.ts';
import { Exchange } from './exchange.ts';
import { addCacheStatus, cacheStatus } from './http/cache-status.ts';
import { placeOf } from './http/place.ts';
import { invalidateAfter } from './invalidate.ts';
import { enterCache, passageOf, passed } from './mark.ts';
import { expressMiddleware, type Middleware, type PathParams } from './middleware.ts';
import { type CacheResponseOptions, routeOf } from './options.ts';
import { watcherOf } from './watcher.ts';
import { planFor } from './plan.ts';
import { dispatchedBy } from './redispatch.ts';
import { Posted } from './posted.ts';
import { walk } from './walk.ts';
import { warnOnce } from './warning.ts';

/**
 * Middleware that answers GET and HEAD requests from a cache, and keeps the responses of the handlers after it as
 * RFC 9111 allows a shared cache to. It may stand before a route, a router or a whole app, a proxy included.
 *
 * No response is shared that may be somebody's own, unless it says `public` or `s-maxage`: not one to a request with
 * Authorization, a cookie, a `req.user` or a `req.session`. None with `private`, `no-store`, Set-Cookie or `Vary: *` is
 * stored. A cache that fails is a miss. `mode: 'strict'` is RFC 9111 alone.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`, `INVALID_DURATION`, `DUPLICATE_RESOURCE`, `CLOSED`.
 */
export function cacheResponse<P = PathParams>(options: CacheResponseOptions<P>): Middleware {
  const route = routeOf(options);
  const { responses } = route;
  const warn = warnOnce();
  return expressMiddleware<P>((req, res, next) => {
    // Mounted twice, on an app and on a route of it say, the outer one is the cache: the inner would wait for it.
    const passage = passageOf(req);
    if (passage === passed) return next();
    const plan = planFor(route, req, warn);
    const dispatched = dispatchedBy(passage);
    if (!('key' in plan)) {
      let posted: Posted<P> | undefined;
      if (plan.posted !== undefined) {
        const { key, tag, scope } = plan.posted;
        posted = new Posted(new Exchange({ req, res, next, route, scope, tag, warn }), placeOf(key));
      }
      if (plan.unsafe) invalidateAfter(req, res, responses, warn, posted);
      if (dispatched !== undefined) return dispatched.arrive();
      if (posted !== undefined) return posted.run();
      enterCache(req);
      return pass(res, next, cacheStatus(route.name, plan.outcome));
    }
    const { key, scope, tag } = plan;
    const exchange = new Exchange({ req, res, next, route, scope, tag, warn });
    if (route.front) {
      const ofUser = exchange.credentials.includes('user');
      watcherOf(req)?.learn({ route, key, ofUser });
    }
    if (dispatched !== undefined) return dispatched.arrive(exchange, key);
    // A closed cache, say: whatever it is, the handler answers.
    const unavailable = (): void => alone(exchange, { forward: 'bypass', detail: 'error' }, placeOf(key));
    try {
      walk(exchange, placeOf(key))?.catch(unavailable);
    } catch {
      unavailable();
    }
  });
}

/** Runs the handler, and tells that the cache had no part in it. */
function pass(res: Response, next: NextFunction, status: string): void {
  onHeaders(res, () => addCacheStatus(res, status));
  next();
}
