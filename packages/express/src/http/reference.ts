import { originOf } from './cache-groups.ts';
import type { TargetRequest } from './target.ts';

/** Path and query of a reference in a request's context; `undefined` if it is of another origin, or none at all. */
export function sameOriginPath(reference: string | undefined, request: TargetRequest): string | undefined {
  if (reference === undefined) return undefined;
  try {
    // Not as a reference: a path may begin with two slashes.
    const base = new URL(originOf(request) + request.originalUrl);
    const url = new URL(reference, base);
    return url.origin === base.origin ? url.pathname + url.search : undefined;
  } catch {
    return undefined;
  }
}
