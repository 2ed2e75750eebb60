import { alone } from './alone.ts';
import type { Exchange } from './exchange.ts';
import { Filler } from './fill.ts';
import { type CacheOutcome, hit } from './http/cache-status.ts';
import { maySee } from './http/credentials.ts';
import { forwardOf, type Place, variantOf } from './http/place.ts';
import { isFresh, isUsableStale } from './http/reuse.ts';
import type { StoredResponse } from './http/stored-response.ts';
import { nearest } from './nearest.ts';
import { markOf } from './wait-mark.ts';
import { patiently, tooLong } from './patience.ts';
import type { Stored } from './responses.ts';
import { serve, serveHit } from './serve.ts';

/** How often a request looks, where a rule led on or what it waited for could not be shared. */
const mostLooks = 10;

/** What a look at one place brought: something stored, the advice to look again, or the end of the search. */
type Found =
  | Stored
  | { readonly kind: 'again' | 'none' }
  | { readonly kind: 'end'; readonly outcome: CacheOutcome; readonly stale?: StoredResponse };

/**
 * Answers a request from the cache, or runs its handler. Along the rules of Vary it comes to the place where its
 * response may be, and there takes what is stored, waits for the request that is bringing it, or brings it itself.
 *
 * What memory has fresh is given at once: the hot path awaits nothing.
 */
export function walk<P>(exchange: Exchange<P>, start: Place): Promise<void> | void {
  const { place, stored } = nearest(exchange, start);
  return stored === undefined ? lookFurther(exchange, place) : give(exchange, place, stored, hit, exchange.cameAt);
}

async function lookFurther<P>(exchange: Exchange<P>, start: Place): Promise<void> {
  const { responses, route, fields, cameAt } = exchange;
  const patientUntil = responses.clock.elapsed() + route.maxWait;
  const filler = new Filler(exchange);
  let place = start;
  for (let looks = 0; looks < mostLooks; looks += 1) {
    const near = looks === 0 ? undefined : inMemory(exchange, place);
    const found: Found = near ?? (await search(exchange, place, filler, patientUntil));
    if (found.kind === 'vary') place = variantOf(place, found, fields, route.normalise);
    else if (exchange.begun || exchange.gone) return;
    else if (found.kind === 'none') return refuse(exchange);
    else if (found.kind === 'end') return alone(exchange, found.outcome, place, found.stale);
    else if (found.kind === 'response') {
      // What was not in memory and was generated since the request came is what it waited for.
      const collapsed = near === undefined && found.receivedAt >= cameAt;
      const outcome = collapsed ? { forward: forwardOf(place), collapsed } : hit;
      return give(exchange, place, found, outcome, responses.clock.now());
    }
  }
  alone(exchange, { forward: forwardOf(place), detail: 'unsettled' }, place);
}

/** What memory has that will do for the request. */
function inMemory<P>({ responses, demands }: Exchange<P>, place: Place): Stored | undefined {
  const found = responses.near(place.key);
  return found?.kind === 'response' && !isFresh(found, demands, responses.clock.now()) ? undefined : found;
}

/** Looks where memory has nothing fresh: in the shared tier, in the flights of others, and in the handler's answer. */
async function search<P>(exchange: Exchange<P>, place: Place, filler: Filler<P>, patientUntil: number): Promise<Found> {
  const { responses, req, demands, fields } = exchange;
  const forward = forwardOf(place);
  // The answer to HEAD has no body to store, and one with a part not all of it: nobody is to wait for them.
  const isPart = fields('range') !== undefined;
  if (req.method === 'HEAD' || isPart || demands.onlyIfCached || demands.maxStale > 0) {
    const found = await responses.find(place.key);
    if (found?.kind === 'vary' || (found !== undefined && isFresh(found, demands, responses.clock.now()))) return found;
    if (req.method === 'HEAD' || isPart) return end(isPart ? { forward, detail: 'range' } : { forward });
    if (demands.onlyIfCached) return { kind: 'none' };
  }
  if (responses.hitForMiss.has(markOf(exchange, place))) return apart(exchange, place);
  if (responses.slow.has(place.key)) return end({ forward, detail: 'slow' });
  const load = demands.noCache || demands.maxAge < Infinity || demands.minFresh > 0 ? 'reload' : 'getOrLoad';
  const answer = responses[load](place.key, (_key, fill) => filler.load(place, fill), exchange.tag);
  const left = patientUntil - responses.clock.elapsed();
  const stored = await patiently(responses.clock, left, answer, () => !exchange.begun);
  if (stored !== tooLong) return stored ?? again;
  responses.slow.mark(place.key);
  return end({ forward, detail: 'slow' });
}

/** What becomes of a request that nobody is to wait for: the handler is asked about what is stored, if there is something. */
async function apart<P>(exchange: Exchange<P>, place: Place): Promise<Found> {
  const { responses, credentials } = exchange;
  const found = await responses.find(place.key);
  if (found?.kind === 'vary') return found;
  if (found === undefined || !maySee(found.audience, credentials)) {
    return end({ forward: forwardOf(place), detail: 'hit-for-miss' });
  }
  return { kind: 'end', outcome: { forward: 'stale', detail: 'hit-for-miss' }, stale: found };
}

/** Answers with a stored response, unless it is not meant for this request. */
function give<P>(
  exchange: Exchange<P>,
  place: Place,
  stored: StoredResponse,
  outcome: CacheOutcome,
  now: number,
): void {
  const { responses, route, credentials, demands } = exchange;
  const withheld = credentials.length > 0 && credentials.find((each) => !maySee(stored.audience, [each]));
  if (withheld) {
    // The next one with credentials need not wait to learn the same.
    responses.hitForMiss.mark(markOf(exchange, place));
    return alone(exchange, { forward: 'request', detail: withheld }, place);
  }
  const isCurrent = outcome.collapsed === true && demands.noCache && stored.lifetime > 0;
  if (!isCurrent && !isFresh(stored, demands, now) && !isUsableStale(stored, demands, now)) {
    return alone(exchange, { forward: 'stale' }, place, stored);
  }
  responses.usesVariant(place, route.maxVariants);
  if (outcome === hit) serveHit(exchange, stored, now);
  else serve(exchange, stored, outcome);
}

/** RFC 9111 §5.2.1.7: who takes nothing but what is stored gets nothing else. */
function refuse<P>(exchange: Exchange<P>): void {
  exchange.tell({ detail: 'only-if-cached' });
  exchange.res.status(504).end();
}

const again = { kind: 'again' } as const;

function end(outcome: CacheOutcome): Found {
  return { kind: 'end', outcome };
}
