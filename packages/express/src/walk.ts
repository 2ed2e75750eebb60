import { alone } from './alone.ts';
import type { Exchange } from './exchange.ts';
import { Filler } from './fill.ts';
import type { CacheOutcome } from './http/cache-status.ts';
import { maySee } from './http/credentials.ts';
import { forwardOf, type Place, variantOf } from './http/place.ts';
import type { StoredResponse } from './http/stored-response.ts';
import { markOf } from './mark.ts';
import { patiently, tooLong } from './patience.ts';
import type { Stored } from './responses.ts';
import { serve } from './serve.ts';

/** How often a request looks, where a rule led on or what it waited for could not be shared. */
const mostLooks = 10;

/** What a look at one place brought: something stored, the advice to look again, or the end of the search. */
type Found = Stored | { readonly kind: 'again' } | { readonly kind: 'end'; readonly outcome: CacheOutcome };

/**
 * Answers a request from the cache, or runs its handler. Along the rules of Vary it comes to the place where its
 * response may be, and there takes what is stored, waits for the request that is bringing it, or brings it itself.
 */
export async function walk<P>(exchange: Exchange<P>, start: Place): Promise<void> {
  const { clock } = exchange.responses;
  const startedAt = clock.now();
  const patientUntil = clock.elapsed() + exchange.route.maxWait;
  const filler = new Filler(exchange);
  let place = start;
  for (let looks = 0; looks < mostLooks; looks += 1) {
    const near = exchange.responses.near(place.key);
    const found = near === undefined ? await search(exchange, place, filler, patientUntil) : ((await near) ?? again);
    if (found.kind === 'vary') place = variantOf(place, found, exchange.fields);
    else if (exchange.begun || exchange.gone) return;
    else if (found.kind === 'end') return alone(exchange, found.outcome, place);
    else if (found.kind === 'response') {
      // What was not in memory and was generated since the request came is what it waited for.
      const collapsed = near === undefined && found.receivedAt >= startedAt;
      return give(exchange, place, found, collapsed ? { forward: forwardOf(place), collapsed } : { hit: true });
    }
  }
  alone(exchange, { forward: forwardOf(place), detail: 'unsettled' }, place);
}

/** Looks where memory has nothing: in the shared tier, in the flights of others, and in the handler's answer. */
async function search<P>(exchange: Exchange<P>, place: Place, filler: Filler<P>, patientUntil: number): Promise<Found> {
  const { responses, req } = exchange;
  const forward = forwardOf(place);
  // The answer to HEAD has no body to store, so nobody is to wait for it.
  if (req.method === 'HEAD') return (await responses.find(place.key)) ?? end({ forward });
  if (responses.hitForMiss.has(markOf(exchange, place))) return end({ forward, detail: 'hit-for-miss' });
  if (responses.slow.has(place.key)) return end({ forward, detail: 'slow' });
  const answer = responses.getOrLoad(place.key, (_key, fill) => filler.load(place, fill));
  const left = patientUntil - responses.clock.elapsed();
  const stored = await patiently(responses.clock, left, answer, () => !exchange.begun);
  if (stored !== tooLong) return stored ?? again;
  responses.slow.mark(place.key);
  return end({ forward, detail: 'slow' });
}

/** Answers with a stored response, unless it is not meant for this request. */
function give<P>(exchange: Exchange<P>, place: Place, stored: StoredResponse, outcome: CacheOutcome): void {
  const { responses, route, credentials } = exchange;
  const withheld = credentials.find((each) => !maySee(stored.audience, [each]));
  if (withheld === undefined) {
    responses.usesVariant(place, route.maxVariants);
    return serve(exchange, stored, outcome);
  }
  // The next one with credentials need not wait to learn the same.
  responses.hitForMiss.mark(markOf(exchange, place));
  alone(exchange, { forward: 'request', detail: withheld }, place);
}

const again = { kind: 'again' } as const;

function end(outcome: CacheOutcome): Found {
  return { kind: 'end', outcome };
}
