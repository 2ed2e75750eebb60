import type { Request } from 'express';
import type { IncomingMessage } from 'node:http';
import type { CacheOutcome } from './http/cache-status.ts';
import { demandsOf } from './http/reuse.ts';
import { type Distinctions, type Particulars, type TargetKey, targetOf, uriTarget } from './http/target.ts';
import type { LookupRules, Route } from './options.ts';
import { trustsSender } from './trust.ts';
import type { Warn } from './warning.ts';

/** How a request is to be looked up; or what becomes of one that the cache has no part in. */
export type Plan =
  | TargetKey
  | {
      readonly outcome: CacheOutcome;
      /** Set for a request that may change something. */
      readonly unsafe?: true;
      /** Where the answer to a POST may be kept. */
      readonly posted?: TargetKey;
    };

/** RFC 9110 §9.2.1; of methods that nobody knows it is to be assumed that they change something (RFC 9111 §4.4). */
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'REPORT', 'SEARCH', 'QUERY']);

/** Finds out whether and how the cache has a part in a request. It never throws: what the route's functions do wrong is told. */
export function planFor<P>(route: Route<P>, req: Request<P>, warn: Warn): Plan {
  let scope: string | undefined;
  try {
    scope = textFrom(route.scope?.(req), 'scope');
    const particulars = { scope, extra: textFrom(route.key?.(req), 'key') };
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      if (safeMethods.has(req.method)) return { outcome: byMethod };
      const target = uriTarget(req, req.originalUrl, route, particulars, () => trustsSender(req));
      const isKept = route.strict && route.scope === undefined && req.method === 'POST' && 'key' in target;
      return isKept ? { outcome: byMethod, unsafe: true, posted: target } : { outcome: byMethod, unsafe: true };
    }
    if (route.scope !== undefined && scope === undefined) return bypass('scope');
    if (route.when !== undefined && !route.when(req)) return bypass('when');
    if (route.unless?.(req)) return bypass('unless');
    return lookup(req, req.originalUrl, route, particulars, () => trustsSender(req));
  } catch (error) {
    warn('responses are not cached, since a function of the route failed', error);
    // What it is for whom does not matter to what has changed.
    if (!safeMethods.has(req.method)) return { outcome: byMethod, unsafe: true };
    return bypass(route.scope !== undefined && scope === undefined ? 'scope' : 'error');
  }
}

/** How a GET or HEAD request is to be looked up, once all is known that its responses may depend on. */
export function lookup(
  req: IncomingMessage,
  uri: string,
  rules: Distinctions & Pick<LookupRules, 'requestDirectives'>,
  particulars: Particulars,
  trusted: () => boolean,
): Plan {
  // RFC 9111 §5.2.1.5.
  if (rules.requestDirectives && demandsOf(req.headers['cache-control'], undefined).noStore) return bypass('no-store');
  const target = targetOf(req, uri, rules, particulars, trusted);
  return 'refused' in target ? bypass(target.refused) : target;
}

const byMethod: CacheOutcome = { forward: 'method' };

function bypass(detail: string): Plan {
  return { outcome: { forward: 'bypass', detail } };
}

function textFrom(value: unknown, name: string): string | undefined {
  if (value == null || (typeof value === 'string' && value !== '')) return value ?? undefined;
  throw new TypeError(`${name} must give a string that is not empty, or undefined`);
}
