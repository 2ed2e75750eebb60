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
      // What other processes have changed since the handler began, its answer does not know.
      const keepsAnswers = route.strict && route.scope === undefined && !route.responses.areShared;
      if (!keepsAnswers || req.method !== 'POST') return unsafe;
      if (excludes(route, req) !== undefined || forbidsStoring(req, route)) return unsafe;
      const target = uriTarget(req, req.originalUrl, route, particulars, () => trustsSender(req));
      return 'key' in target ? { ...unsafe, posted: target } : unsafe;
    }
    if (route.scope !== undefined && scope === undefined) return bypass('scope');
    const excluded = excludes(route, req);
    if (excluded !== undefined) return bypass(excluded);
    return lookup(req, req.originalUrl, route, particulars, () => trustsSender(req));
  } catch (error) {
    warn('responses are not cached, since a function of the route failed', error);
    // What it is for whom does not matter to what has changed.
    if (!safeMethods.has(req.method)) return unsafe;
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
  if (forbidsStoring(req, rules)) return bypass('no-store');
  const target = targetOf(req, uri, rules, particulars, trusted);
  return 'refused' in target ? bypass(target.refused) : target;
}

/** The option by which a route's cache has no part in a request. */
function excludes<P>({ when, unless }: Route<P>, req: Request<P>): 'when' | 'unless' | undefined {
  if (when !== undefined && !when(req)) return 'when';
  return unless?.(req) ? 'unless' : undefined;
}

/** RFC 9111 §5.2.1.5. */
function forbidsStoring(req: IncomingMessage, { requestDirectives }: Pick<LookupRules, 'requestDirectives'>): boolean {
  return requestDirectives && demandsOf(req.headers['cache-control'], undefined).noStore;
}

const byMethod: CacheOutcome = { forward: 'method' };
const unsafe = { outcome: byMethod, unsafe: true } as const;

function bypass(detail: string): Plan {
  return { outcome: { forward: 'bypass', detail } };
}

function textFrom(value: unknown, name: string): string | undefined {
  if (value == null || (typeof value === 'string' && value !== '')) return value ?? undefined;
  throw new TypeError(`${name} must give a string that is not empty, or undefined`);
}
