import {
  type Cache,
  type Duration,
  func,
  invalid,
  type Key,
  optional,
  parseOptions,
  positiveDuration,
  withDefault,
} from '@cache/core';
import type { Request, Response } from 'express';
import { holdEnd } from './http/hold-end.ts';
import { expressMiddleware, type Middleware, type PathParams } from './middleware.ts';
import { cacheRule } from './option-rules.ts';
import { patiently } from './patience.ts';
import { responsesOf } from './responses.ts';
import { type Tags, tagsFor, tagsRule } from './tags.ts';
import { warnOnce } from './warning.ts';

/** What a route that changes something tells the cache. `P` is the type of its `req.params`. */
export interface EvictsOptions<P = PathParams> {
  /** The cache to evict from. */
  cache: Cache;
  /** What is no longer true once the handler has succeeded: every entry of the cache with one of these tags is evicted. */
  tags?: Tags<P>;
  /** Keys of `cache.getOrSet` that are evicted too. */
  keys?: (req: Request<P>, res: Response) => readonly Key[];
  /** For how long the response is held for the eviction at most. Default `'2s'`. */
  deadline?: Duration;
}

/**
 * Middleware that evicts once the handler after it has succeeded, by a status from 200 to 399, whatever the method. The
 * end of the response is held until then, so that the client's next read sees its write; but no longer than
 * `deadline`, after which the eviction goes on by itself. An eviction that fails, and a function that throws, fail neither
 * the response nor the other evictions; a process warning tells of the first.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`, `INVALID_DURATION`.
 */
export function evicts<P = PathParams>(options: EvictsOptions<P>): Middleware {
  const { cache, tags, keys, deadline } = parseOptions('evicts', options, {
    cache: cacheRule,
    tags: optional(tagsRule<P>),
    keys: optional(func<NonNullable<EvictsOptions<P>['keys']>>()),
    deadline: withDefault(positiveDuration, 2_000),
  });
  if (tags === undefined && keys === undefined)
    throw invalid('evicts', "needs `tags`, such as tags: ['users'], or `keys`");
  const { clock } = responsesOf(cache);
  const warn = warnOnce();
  return expressMiddleware<P>((req, res, next) => {
    const { params } = req;
    const tell = (error: unknown): void => warn('something was not evicted', error);
    // What one function does wrong is no reason to leave out what the other one names.
    const begun = (evictions: () => Promise<unknown>[]): Promise<unknown>[] => {
      try {
        return evictions();
      } catch (error) {
        tell(error);
        return [];
      }
    };
    const evict = async (): Promise<void> => {
      const byTag = begun(() => {
        const named = tagsFor(tags, req, res, params, 'evicts: tags');
        return named.length === 0 ? [] : [cache.invalidateTags(...named)];
      });
      const byKey = begun(() => (keys?.(req, res) ?? []).map((key) => cache.evict(key)));
      await Promise.all([...byTag, ...byKey].map((eviction) => eviction.catch(tell)));
    };
    holdEnd(res, () => {
      const succeeded = res.statusCode >= 200 && res.statusCode < 400;
      return succeeded ? patiently(clock, deadline, evict(), () => true) : undefined;
    });
    next();
  });
}
