import { createHash } from 'node:crypto';

/** The most characters of a key that the core takes as it is. */
const longestKey = 512;
/** The most characters of what a key stands for; who sends more is answered without the cache. */
const longestIdentity = 4_096;

/** What a response is stored under: the target URI (RFC 9111 §2), and what else the answer may depend on. */
export interface TargetIdentity {
  readonly scheme: string;
  /** The Host field, with its port. */
  readonly authority: string;
  /** As the client sent it, undecoded: `%2f` is not `/`. */
  readonly path: string;
  readonly query: string;
  /** What a trusted proxy says of the request. */
  readonly forwarded: string;
  /** Whom the response is for alone, if it is not shared. */
  readonly scope: string | undefined;
  /** What the request says in fields that a route has in its keys. */
  readonly fields: string;
  /** What a route adds of its own. */
  readonly extra: string | undefined;
}

/** The key of a target, readable while it is short enough; `undefined` for one that is too long to be worth it. */
export function cacheKey(target: TargetIdentity): string | undefined {
  const { scheme, authority, path, query, forwarded, scope, fields, extra } = target;
  let identity = `${scheme}://${authority}${path}`;
  if (query !== '') identity += `?${query}`;
  // No part before these can hold a space, and JSON leaves no lone surrogate in the scope.
  if (forwarded !== '') identity += ` via ${forwarded}`;
  if (scope !== undefined) identity += ` for ${JSON.stringify(scope)}`;
  if (fields !== '') identity += ` with ${JSON.stringify(fields)}`;
  if (extra !== undefined) identity += ` and ${JSON.stringify(extra)}`;
  if (identity.length > longestIdentity) return undefined;
  // What a request says in its fields may be a secret, and keys are told in events.
  return identity.length <= longestKey && fields === '' ? identity : digest(identity);
}

/** The key of a URL that nothing else tells responses of apart. */
export function urlKey(url: Pick<TargetIdentity, 'scheme' | 'authority' | 'path' | 'query'>): string | undefined {
  return cacheKey({ ...url, forwarded: '', scope: undefined, fields: '', extra: undefined });
}

/** The key of a variant. It is always a digest: what a request says may be a secret, and keys are told in events. */
export function variantKey(parent: string, rule: string, selecting: string): string {
  return digest(`${parent}\n${rule}\n${selecting}`);
}

function digest(identity: string): string {
  return `sha256-${createHash('sha256').update(identity).digest('base64url')}`;
}
