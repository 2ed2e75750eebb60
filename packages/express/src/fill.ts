import type { Key, Loader } from '@cache/core';
import type { Exchange } from './exchange.ts';
import { type Place, ruleFor } from './http/place.ts';
import { currentAge, type StoredResponse } from './http/stored-response.ts';
import { lead, type Leading, type Storable } from './lead.ts';
import { markOf } from './mark.ts';
import type { Stored } from './responses.ts';

/** For how long the fields of a Vary are remembered at least, and anything at most; milliseconds. */
const ruleLife = 3_600_000;
const longestLife = 365 * 24 * 3_600_000;

type Fill = Parameters<Loader<Key, Stored>>[1];

/**
 * How one request fills places of the cache: by running its handler, once, at the first place where the core lets it
 * load. What it brings is for all who wait there; `undefined` sends them on without it.
 */
export class Filler<P> {
  readonly #exchange: Exchange<P>;
  #leading: Leading | undefined;

  constructor(exchange: Exchange<P>) {
    this.#exchange = exchange;
  }

  /** Loads the place for the core, within its flight and its lease. */
  async load(place: Place, fill: Fill): Promise<Stored | undefined> {
    // By the time the core's turn comes to it, the client may have gone, or the handler may run without the cache.
    if (this.#leading === undefined && (this.#exchange.begun || this.#exchange.gone)) return undefined;
    this.#leading ??= lead(this.#exchange, place);
    try {
      return await this.#bring(place, this.#leading, fill);
    } finally {
      this.#exchange.responses.slow.clear(place.key);
    }
  }

  async #bring(place: Place, leading: Leading, fill: Fill): Promise<Stored | undefined> {
    const storable = await leading.head;
    if (storable === undefined) return undefined;
    fill.setTags(...storable.tags);
    const rule = ruleFor(place, storable.vary);
    if (rule !== undefined) {
      // It has to outlive the responses under it, which nobody finds without it.
      fill.setTtl(Math.min(Math.max(storable.lifetime, ruleLife), longestLife));
      return rule;
    }
    const body = await leading.body;
    if (body === 'too large') this.#exchange.responses.hitForMiss.mark(markOf(this.#exchange, place));
    return typeof body === 'string' ? undefined : this.#complete(place, storable, body, fill);
  }

  #complete(place: Place, storable: Storable, body: Buffer, fill: Fill): StoredResponse {
    const { responses, res, route } = this.#exchange;
    const { vary: _, tags: __, ...head } = storable;
    // Node has filled the reason phrase in by now.
    const stored = { ...head, statusMessage: res.statusMessage, body };
    const left = stored.lifetime - currentAge(stored, responses.clock.now());
    if (left > 0) fill.setTtl(Math.min(left, longestLife));
    else fill.skip();
    responses.usesVariant(place, route.maxVariants);
    return stored;
  }
}
