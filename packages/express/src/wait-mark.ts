import type { Exchange } from './exchange.ts';
import type { Place } from './http/place.ts';

/**
 * Under which key a place is remembered as one where waiting is of no use. Requests of users have a mark of their own:
 * whoever sends a cookie must not be able to end the waiting of those who send none.
 */
export function markOf<P>(exchange: Exchange<P>, place: Place): string {
  return exchange.credentials.length === 0 ? place.key : `${place.key} of users`;
}
