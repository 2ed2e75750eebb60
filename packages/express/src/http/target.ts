import type { IncomingMessage } from 'node:http';
import { cacheKey } from './key.ts';
import { canonicalQuery, type QueryRule } from './query.ts';
import { unkeyedInput } from './unkeyed.ts';

/** A request as Express completes it. */
export interface TargetRequest extends IncomingMessage {
  readonly originalUrl: string;
  /** `req.protocol`, which honours `trust proxy`. */
  readonly protocol: string;
}

/** A request that the cache may answer, by its key; or the reason why the cache has no part in it. */
export type Target = { readonly key: string } | { readonly refused: string };

/** Finds the key of a GET or HEAD request, whose semantics the cache understands. */
export function targetOf(
  request: TargetRequest,
  rule: QueryRule | undefined,
  scope: string | undefined,
  trusted: () => boolean,
): Target {
  const { headers, originalUrl } = request;
  // RFC 9110 §9.3.1: content in a GET has no meaning, so a handler that reads it answers what no key can tell.
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0) {
    return { refused: 'content' };
  }
  // RFC 9111 §3.3: a part is neither stored nor cut out of what is stored; the handler knows how.
  if (headers.range !== undefined) return { refused: 'range' };
  // RFC 9110 §13.1: these ask for the origin's current state.
  if (headers['if-match'] !== undefined || headers['if-unmodified-since'] !== undefined) {
    return { refused: 'precondition' };
  }
  const unkeyed = unkeyedInput(request, trusted);
  if (unkeyed.refused !== undefined) return { refused: unkeyed.refused };
  // With `trust proxy` it is whatever X-Forwarded-Proto says.
  if (request.protocol !== 'http' && request.protocol !== 'https') return { refused: 'scheme' };
  const authority = headers.host?.toLowerCase() ?? '';
  if (!/^[a-z0-9._~:[\]-]{0,260}$/.test(authority)) return { refused: 'host' };
  // Absolute form has a second authority; few clients send it, and handlers do not agree on which one counts.
  if (!/^\/[^\s#]*$/.test(originalUrl)) return { refused: 'target' };

  const mark = originalUrl.indexOf('?');
  const path = mark < 0 ? originalUrl : originalUrl.slice(0, mark);
  const query = mark < 0 ? '' : canonicalQuery(originalUrl.slice(mark + 1), rule);
  const key = cacheKey({ scheme: request.protocol, authority, path, query, forwarded: unkeyed.keyed, scope });
  return key === undefined ? { refused: 'length' } : { key };
}
