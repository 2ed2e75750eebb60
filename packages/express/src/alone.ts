import onHeaders from 'on-headers';
import type { Exchange } from './exchange.ts';
import type { CacheOutcome } from './http/cache-status.ts';

/**
 * Runs the handler for one request alone: nothing is stored, and nobody waits for it. A response that could have been
 * shared takes the mark `mark` away, so that the next request is waited for again.
 */
export function alone<P>(exchange: Exchange<P>, outcome: CacheOutcome, mark?: string): void {
  const { res, responses } = exchange;
  exchange.begin(() =>
    onHeaders(res, () => {
      if (mark !== undefined && responses.hitForMiss.has(mark) && exchange.judge().storable) {
        responses.hitForMiss.clear(mark);
      }
      exchange.tell(outcome);
    }),
  );
}
