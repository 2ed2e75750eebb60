import onHeaders from 'on-headers';
import type { Exchange } from './exchange.ts';
import type { CacheOutcome } from './http/cache-status.ts';
import type { Place } from './http/place.ts';
import type { StoredResponse } from './http/stored-response.ts';
import { lead } from './lead.ts';
import { markOf } from './wait-mark.ts';

/**
 * Runs the handler for one request alone: nothing is stored, and nobody waits for it. A response that could have been
 * shared takes the hit-for-miss mark of its place away, so that the next requests wait for one of them again. With a
 * `stale` response the handler is asked whether that is current.
 */
export function alone<P>(exchange: Exchange<P>, outcome: CacheOutcome, place: Place, stale?: StoredResponse): void {
  if (stale !== undefined) return void lead(exchange, place, { stale, outcome, stores: false });
  const { hitForMiss } = exchange.responses;
  const mark = markOf(exchange, place);
  exchange.begin(() =>
    onHeaders(exchange.res, () => {
      if (hitForMiss.has(mark)) {
        const verdict = exchange.judge(place);
        if (verdict.storable && verdict.lifetime > verdict.age) hitForMiss.clear(mark);
      }
      exchange.tell(outcome);
    }),
  );
}
