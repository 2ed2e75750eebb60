import type { Key, Loader } from '@cache/core';
import type { Exchange } from './exchange.ts';
import { type Place, ruleFor } from './http/place.ts';
import { isRevalidating } from './http/reuse.ts';
import { isSound } from './http/soundness.ts';
import { currentAge, type StoredResponse, withLength } from './http/stored-response.ts';
import { type Brought, lead, type Storable } from './lead.ts';
import { markOf } from './wait-mark.ts';
import { redispatch } from './redispatch.ts';
import type { Stored } from './responses.ts';

/** For how long the fields of a Vary are remembered at least, and anything at most; milliseconds. */
const ruleLife = 3_600_000;
const longestLife = 365 * 24 * 3_600_000;
/** For how long what can be validated is kept after the end of its freshness. */
const validatable = 24 * 3_600_000;

type Fill = Parameters<Loader<Key, Stored>>[1];

/**
 * How one request fills places of the cache: by running its handler, once, at the first place where the core lets it
 * load. What it brings is for all who wait there; `undefined` sends them on without it.
 */
export class Filler<P> {
  readonly #exchange: Exchange<P>;
  #leading: Promise<Brought> | undefined;

  constructor(exchange: Exchange<P>) {
    this.#exchange = exchange;
  }

  /** Loads the place for the core, within its flight and its lease. */
  async load(place: Place, fill: Fill): Promise<Stored | undefined> {
    const exchange = this.#exchange;
    const stale = usable(fill.stale?.value);
    if (stale !== undefined && !exchange.demands.noCache && isRevalidating(stale, exchange.responses.clock.now())) {
      // RFC 5861 §3: the client is being answered with it meanwhile.
      const apart = await redispatch(exchange, place);
      return bring(apart, place, await lead(apart, place, { stale }), fill);
    }
    // By the time the core's turn comes to it, the client may have gone, or the handler may run without the cache.
    if (this.#leading === undefined && (exchange.begun || exchange.gone)) return undefined;
    this.#leading ??= lead(exchange, place, { stale });
    try {
      return await bring(exchange, place, await this.#leading, fill);
    } finally {
      exchange.responses.slow.clear(place.key);
    }
  }
}

/** Gives the core what the run of a handler has brought for a place. */
export async function bring<P>(
  exchange: Exchange<P>,
  place: Place,
  brought: Brought,
  fill: Fill,
): Promise<Stored | undefined> {
  if (brought.kind === 'nothing') return undefined;
  // The core keeps what it has where a load fails, and leaves the source alone for a moment.
  if (brought.kind === 'failed' && fill.stale === undefined) return undefined;
  if (brought.kind === 'failed') throw new Error(`the handler answered with status ${brought.status}`);
  const { kind } = brought;
  const { tags } = kind === 'validated' ? brought.stored : brought.storable;
  fill.setTags(...tags);
  if (kind === 'validated') return keep(exchange, place, brought.stored, fill);
  const { storable } = brought;
  const rule = ruleFor(place, storable.vary);
  if (rule !== undefined) {
    // It has to outlive the responses under it, which nobody finds without it.
    fill.setTtl(Math.min(Math.max(storable.lifetime + kept(storable), ruleLife), longestLife));
    return rule;
  }
  const body = await brought.body;
  if (body === 'too large') exchange.responses.hitForMiss.mark(markOf(exchange, place));
  if (typeof body === 'string') return undefined;
  const { vary: _, ...head } = storable;
  const headers = withLength(head.headers, head.status, body.length);
  // Node has filled the reason phrase in by now.
  return keep(exchange, place, { ...head, headers, statusMessage: exchange.res.statusMessage, body }, fill);
}

function keep<P>(exchange: Exchange<P>, place: Place, stored: StoredResponse, fill: Fill): StoredResponse {
  const { responses, route } = exchange;
  const left = stored.lifetime - currentAge(stored, responses.clock.now());
  const fresh = Math.min(Math.max(0, left), longestLife);
  // Freshness that is over already takes of what comes after it.
  const after = (ms: number): number => Math.min(Math.max(0, ms + Math.min(0, left)), longestLife);
  fill.setTtl(fresh, { staleWhileRevalidate: after(stored.staleWhileRevalidate), grace: after(kept(stored)) });
  // What is to be validated at each use is of no use to those who wait: each has to ask for itself.
  if (left <= 0) responses.hitForMiss.mark(markOf(exchange, place));
  responses.usesVariant(place, route.maxVariants);
  return stored;
}

/** For how many milliseconds a response is kept after the end of its freshness. */
function kept({ etag, modified, staleIfError }: StoredResponse | Storable): number {
  return Math.max(staleIfError, etag === undefined && modified === undefined ? 0 : validatable);
}

function usable(value: unknown): StoredResponse | undefined {
  return isSound(value) && value.kind === 'response' ? value : undefined;
}
