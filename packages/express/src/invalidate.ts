import type { Request, Response } from 'express';
import { groupTags, originOf } from './http/cache-groups.ts';
import { responseFields } from './http/fields.ts';
import { holdEnd } from './http/hold-end.ts';
import { sameOriginPath } from './http/reference.ts';
import { type Distinctions, uriTarget } from './http/target.ts';
import { patiently } from './patience.ts';
import type { Responses } from './responses.ts';
import type { Warn } from './warning.ts';

/** Finds the keys of what is stored of a URI, a path and query at the host of the request. */
export type Invalidation = (uri: string) => readonly string[];

/** For how long an answer is held for what it invalidates, in milliseconds. */
const longestHold = 2_000;

/** What is stored of URIs that an unsafe request may have changed: in its own scope, as private caches have it, and shared. */
export function invalidationFor<P>(req: Request<P>, distinctions: Distinctions, trusted: () => boolean): Invalidation {
  return (uri) => {
    // Other routes may have other rules for the query, or none.
    const rules: Partial<Distinctions>[] = [{}, { scope: undefined }, { query: undefined, scope: undefined }];
    const targets = rules.map((rule) =>
      uriTarget(req, uri, { ...distinctions, ...rule, unkeyedHeaders: 'key' }, trusted),
    );
    return [...new Set(targets.flatMap((target) => ('key' in target ? [target.key] : [])))];
  };
}

/**
 * Has an unsafe request, once it has succeeded, invalidate what is stored of its target, of Location and of
 * Content-Location in the same origin (RFC 9111 §4.4), and of the groups that it names (RFC 9875 §3). The end of its
 * response is held until then, so that the client's next read sees its write.
 */
export function invalidateAfter<P>(
  req: Request<P>,
  res: Response,
  responses: Responses,
  keysOf: Invalidation,
  warn: Warn,
): void {
  const { originalUrl } = req;
  const invalidate = async (): Promise<void> => {
    try {
      const fields = responseFields(res);
      // §4.4: nothing of another origin is to be invalidated by this one.
      const places = [fields('location'), fields('content-location')].map((place) => sameOriginPath(place, req));
      const keys = new Set([originalUrl, ...places].flatMap((uri) => (uri === undefined ? [] : keysOf(uri))));
      const tags = groupTags(fields('cache-group-invalidation'), originOf(req));
      await Promise.all([
        ...[...keys].map((key) => responses.evict(key)),
        ...(tags.length === 0 ? [] : [responses.invalidateTags(tags)]),
      ]);
    } catch (error) {
      warn('something was not invalidated', error);
    }
  };
  holdEnd(res, () => {
    const succeeded = res.statusCode >= 200 && res.statusCode < 400;
    return succeeded ? patiently(responses.clock, longestHold, invalidate(), () => true) : undefined;
  });
}
