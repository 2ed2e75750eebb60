import type { Exchange } from './exchange.ts';
import { bring } from './fill.ts';
import { originOf } from './http/cache-groups.ts';
import { responseFields } from './http/fields.ts';
import { explicitLifetime } from './http/freshness.ts';
import type { Place } from './http/place.ts';
import { sameOriginPath } from './http/reference.ts';
import { instructionsOf } from './http/targeted.ts';
import { type Brought, lead } from './lead.ts';
import { trustsSender } from './trust.ts';

/**
 * The answer to a POST request, which is kept for later GETs where it says so: by explicit freshness and a
 * Content-Location that is the target itself (RFC 9110 §9.3.3). It is as old as its handler's start: if anything was
 * changed since, it is not kept. Of what other processes change that could not be known: it takes a cache of its own.
 */
export class Posted<P> {
  readonly #exchange: Exchange<P>;
  readonly #place: Place;
  readonly #changesBefore: number;
  /** A handler may have ended the response before `run` has returned. */
  readonly #brought: Promise<Brought>;
  #bring!: (brought: Promise<Brought>) => void;

  constructor(exchange: Exchange<P>, place: Place) {
    this.#exchange = exchange;
    this.#place = place;
    this.#changesBefore = exchange.responses.changes;
    this.#brought = new Promise((resolve) => (this.#bring = resolve));
  }

  /** Runs the handler. */
  run(): void {
    const { req, res, responses } = this.#exchange;
    const isOfTarget = (): boolean => {
      const fields = responseFields(res);
      const origin = originOf(req, () => trustsSender(req));
      const pathOf = (uri: string | undefined): string | undefined => sameOriginPath(uri, origin, req.originalUrl);
      const path = pathOf(fields('content-location'));
      const lifetime = explicitLifetime(instructionsOf(fields), fields, responses.clock.now());
      return res.statusCode === 200 && lifetime !== undefined && path === pathOf(req.originalUrl);
    };
    const errand = { stale: undefined, outcome: { forward: 'method' }, posted: isOfTarget } as const;
    this.#bring(lead(this.#exchange, this.#place, errand));
  }

  /** Keeps it, once its headers are complete, in the place of what the request has taken away (RFC 9111 §4.4). */
  async keep(): Promise<void> {
    const { responses, tag } = this.#exchange;
    const [exchange, place, brought] = [this.#exchange, this.#place, await this.#brought];
    if (brought.kind !== 'response' || responses.changes !== this.#changesBefore) return;
    // What cannot be kept costs the next GET a miss.
    responses.reload(place.key, (_key, fill) => bring(exchange, place, brought, fill), tag).catch(() => undefined);
  }
}
