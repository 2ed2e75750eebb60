import type { Request, Response } from 'express';
import { groupTags, originOf } from './http/cache-groups.ts';
import { responseFields } from './http/fields.ts';
import { holdEnd } from './http/hold-end.ts';
import { sameOriginPaths } from './http/reference.ts';
import { hostsOf } from './http/target.ts';
import { identityOf } from './http/written-url.ts';
import { patiently } from './patience.ts';
import type { Posted } from './posted.ts';
import type { Responses } from './responses.ts';
import { trustsSender } from './trust.ts';
import type { Warn } from './warning.ts';

/** For how long an answer is held for what it invalidates, in milliseconds. */
const longestHold = 2_000;

/**
 * Has an unsafe request, once it has succeeded, invalidate all that is stored of its target, of Location and of
 * Content-Location in the same origin (RFC 9111 §4.4), and of the groups that it names (RFC 9875 §3): for whomever, by
 * whatever route. Nothing that the request says of itself besides keeps any of it from that. The end of its response is
 * held until then, so that the client's next read sees its write. What was `posted` takes the place of what was there.
 */
export function invalidateAfter<P>(
  req: Request<P>,
  res: Response,
  responses: Responses,
  warn: Warn,
  posted?: Posted<P>,
): void {
  // Before any handler could change them.
  const place = changedPlace(req);
  const origin = originOf(req, () => trustsSender(req));
  const invalidate = (): Promise<unknown> => {
    const tell = (error: unknown): void => warn('something was not invalidated', error);
    try {
      const fields = responseFields(res);
      const named = [fields('location'), fields('content-location')].flatMap((reference) => within(place, reference));
      const uris = new Set([place.path, ...named]);
      const identities = place.hosts.flatMap((host) =>
        [...uris].map((uri) => identityOf(host, uri, responses.queryRules)),
      );
      const keys = new Set(identities.flatMap((each) => each.keys));
      const groups = groupTags(fields('cache-group-invalidation'), origin);
      const tags = new Set([...groups, ...identities.flatMap((each) => each.tags)]);
      const evictions = [...keys].map((key) => responses.evict(key).catch(tell));
      const invalidateTags = (): Promise<unknown> => responses.invalidateTags([...tags]).catch(tell);
      // Once its own invalidation is on its way, that of somebody else could not be told from it.
      return Promise.all([...evictions, posted === undefined ? invalidateTags() : posted.keep().then(invalidateTags)]);
    } catch (error) {
      tell(error);
      return Promise.resolve();
    }
  };
  holdEnd(res, () => {
    const succeeded = res.statusCode >= 200 && res.statusCode < 400;
    return succeeded ? patiently(responses.clock, longestHold, invalidate(), () => true) : undefined;
  });
}

/** What an unsafe request may have changed: a path and query, at each host that it may be known by. */
interface ChangedPlace {
  readonly path: string;
  readonly hosts: readonly string[];
  readonly schemes: readonly string[];
}

function changedPlace<P>(req: Request<P>): ChangedPlace {
  const { originalUrl, protocol } = req;
  const hosts = hostsOf(req, () => trustsSender(req));
  // What a trusted proxy makes it out to be may be none.
  const schemes = protocol === 'http' || protocol === 'https' ? [protocol] : ['http', 'https'];
  // RFC 9112 §3.2.2: of the two hosts of a target in absolute form, handlers do not agree on which one counts.
  const absolute = /^https?:\/\/([^/?#]*)([^#]*)/i.exec(originalUrl);
  if (absolute === null) return { path: originalUrl, hosts, schemes };
  const [, host, rest] = absolute as unknown as [string, string, string];
  const path = rest.startsWith('/') ? rest : `/${rest}`;
  return { path, hosts: [...new Set([...hosts, host.toLowerCase()])], schemes };
}

/** Path and query of a reference there. §4.4: nothing of another origin is to be invalidated by this one. */
function within({ path, hosts, schemes }: ChangedPlace, reference: string | undefined): readonly string[] {
  const origins = hosts.flatMap((host) => schemes.map((scheme) => `${scheme}://${host}`));
  return origins.map((origin) => sameOriginPaths(reference, origin, path)).find((uris) => uris.length > 0) ?? [];
}
