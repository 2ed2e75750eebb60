import type { IncomingMessage, ServerResponse } from 'node:http';
import { addCacheStatus, cacheStatus, type CacheOutcome } from './http/cache-status.ts';
import { type FieldReader, requestFields } from './http/fields.ts';
import { type Demands, demandsOf, undemanding } from './http/reuse.ts';
import type { LookupRules } from './options.ts';
import type { Responses } from './responses.ts';

/** A response that is to be what is stored for its request. It needs nothing of Express. */
export class Reply {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly route: LookupRules;
  readonly responses: Responses;
  /** When the request came to the cache, in milliseconds since the epoch. */
  readonly cameAt: number;
  /** What the request says of the answers it takes. */
  readonly demands: Demands;
  readonly #fields: FieldReader;

  constructor(req: IncomingMessage, res: ServerResponse, route: LookupRules) {
    this.req = req;
    this.res = res;
    this.route = route;
    this.responses = route.responses;
    this.cameAt = route.responses.clock.now();
    this.#fields = requestFields(req.headers);
    const listens = route.requestDirectives;
    this.demands = listens ? demandsOf(this.#fields('cache-control'), this.#fields('pragma')) : undemanding;
  }

  /** The request's fields. */
  get fields(): FieldReader {
    return this.#fields;
  }

  /** Adds what became of the request to the response. */
  tell(outcome: CacheOutcome): void {
    addCacheStatus(this.res, cacheStatus(this.route.name, outcome));
  }
}
