import type { CacheOutcome, Forward } from './http/cache-status.ts';
import { maySee } from './http/credentials.ts';
import type { StoredResponse } from './http/stored-response.ts';
import { type Place, placeOf, variantOf } from './http/vary-rule.ts';
import type { Exchange } from './exchange.ts';
import { patiently, tooLong } from './patience.ts';
import type { Stored } from './responses.ts';
import { serve } from './serve.ts';

/** How often a request looks again, where a rule led on or what it waited for could not be shared. */
const mostSteps = 10;

/** What a look at one place brought: something stored, the advice to look again, or the end of the search. */
type Found = Stored | { readonly kind: 'again' } | { readonly kind: 'alone'; readonly outcome: CacheOutcome };

/**
 * Answers a request from the cache, or runs its handler. Along the rules of Vary it comes to the place where its
 * response may be, and there takes what is stored, waits for the request that is bringing it, or brings it itself.
 */
export async function walk<P>(exchange: Exchange<P>, key: string): Promise<void> {
  const startedAt = exchange.responses.clock.now();
  let place = placeOf(key);
  for (let step = 0; step < mostSteps; step += 1) {
    const found = await look(exchange, place, startedAt + exchange.route.maxWait);
    if (found.kind === 'vary') place = variantOf(place, found, exchange.fields);
    else if (exchange.begun || exchange.gone) return;
    else if (found.kind === 'alone') return exchange.alone(found.outcome, place);
    else if (found.kind === 'response') return give(exchange, place, found, startedAt);
  }
  exchange.alone({ forward: forwardOf(place), detail: 'unsettled' });
}

async function look<P>(exchange: Exchange<P>, place: Place, waitUntil: number): Promise<Found> {
  const { responses, req } = exchange;
  const near = responses.near(place.key);
  if (near !== undefined) return (await near) ?? again;
  const forward = forwardOf(place);
  // The answer to HEAD has no body to store, so nobody is to wait for it.
  if (req.method === 'HEAD') return (await responses.find(place.key)) ?? alone({ forward });
  const mark = exchange.markOf(place);
  if (responses.hitForMiss.has(mark)) return alone({ forward, detail: 'hit-for-miss' });
  const answer = responses.getOrLoad(place.key, (_key, context) => exchange.load(place, context));
  const ms = waitUntil - responses.clock.now();
  const stored = await patiently(responses.clock, ms, answer, () => !exchange.begun);
  if (stored !== tooLong) return stored ?? again;
  responses.hitForMiss.mark(mark);
  return alone({ forward, detail: 'wait' });
}

/** Answers with a stored response, unless it is not meant for this request. */
function give<P>(exchange: Exchange<P>, place: Place, stored: StoredResponse, startedAt: number): void {
  const { responses, route } = exchange;
  const withheld = exchange.credentials.find((each) => !maySee(stored.audience, [each]));
  if (withheld !== undefined) {
    // The next one with credentials need not wait to learn the same.
    responses.hitForMiss.mark(exchange.markOf(place));
    return exchange.alone({ forward: 'request', detail: withheld });
  }
  if (place.depth > 0) responses.variants.use(place.url, place.key, route.maxVariants);
  // What was generated after the request had come was brought by another one.
  const collapsed = stored.receivedAt > startedAt;
  serve(exchange, stored, collapsed ? { forward: forwardOf(place), collapsed } : { hit: true });
}

function forwardOf(place: Place): Forward {
  return place.depth === 0 ? 'uri-miss' : 'vary-miss';
}

const again = { kind: 'again' } as const;

function alone(outcome: CacheOutcome): Found {
  return { kind: 'alone', outcome };
}
