import { deltaSeconds, parseCacheControl } from './cache-control.ts';
import { currentAge, type StoredResponse } from './stored-response.ts';

/** What a request says of the answers it takes (RFC 9111 §5.2.1), where a route listens to that. */
export interface Demands {
  readonly noStore: boolean;
  readonly noCache: boolean;
  readonly onlyIfCached: boolean;
  /** Milliseconds. */
  readonly maxAge: number;
  readonly minFresh: number;
  readonly maxStale: number;
}

/** Who demands nothing. */
export const undemanding: Demands = {
  noStore: false,
  noCache: false,
  onlyIfCached: false,
  maxAge: Infinity,
  minFresh: 0,
  maxStale: 0,
};

/** What a request's Cache-Control demands; or its Pragma, where it has none (§5.4). */
export function demandsOf(cacheControl: string | undefined, pragma: string | undefined): Demands {
  if (cacheControl === undefined) {
    return pragma?.trim().toLowerCase() === 'no-cache' ? { ...undemanding, noCache: true } : undemanding;
  }
  const directives = parseCacheControl(cacheControl);
  return {
    noStore: directives.has('no-store'),
    noCache: directives.has('no-cache'),
    onlyIfCached: directives.has('only-if-cached'),
    maxAge: deltaSeconds(directives, 'max-age') ?? Infinity,
    minFresh: deltaSeconds(directives, 'min-fresh') ?? 0,
    // §5.2.1.2: without an argument any staleness will do.
    maxStale: directives.get('max-stale') === '' ? Infinity : (deltaSeconds(directives, 'max-stale') ?? 0),
  };
}

/** Whether a stored response may answer a request by itself (RFC 9111 §4); if not, it is to be validated first. */
export function isFresh(stored: StoredResponse, demands: Demands, now: number): boolean {
  const age = currentAge(stored, now);
  if (demands.noCache || age > demands.maxAge) return false;
  const left = stored.lifetime - age;
  if (left > 0) return left >= demands.minFresh;
  return !stored.mustRevalidate && demands.minFresh === 0 && -left < demands.maxStale;
}

/** Whether it may be given out stale, while it is validated or since that failed (RFC 5861). */
export function isUsableStale(stored: StoredResponse, demands: Demands, now: number): boolean {
  const age = currentAge(stored, now);
  if (demands.noCache || demands.minFresh > 0 || age > demands.maxAge) return false;
  return age < stored.lifetime + Math.max(stored.staleWhileRevalidate, stored.staleIfError);
}

/** Whether it may be given out at once, while it is replaced (RFC 5861 §3). */
export function isRevalidating(stored: StoredResponse, now: number): boolean {
  return currentAge(stored, now) < stored.lifetime + stored.staleWhileRevalidate;
}

/** Whether it may be given out in place of an error (RFC 5861 §4). */
export function coversErrors(stored: StoredResponse, now: number): boolean {
  return currentAge(stored, now) < stored.lifetime + stored.staleIfError;
}
