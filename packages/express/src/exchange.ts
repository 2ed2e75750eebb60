import type { Key, LoadContext } from '@cache/core';
import type { NextFunction, Request, Response } from 'express';
import onHeaders from 'on-headers';
import { addCacheStatus, cacheStatus, type CacheOutcome } from './http/cache-status.ts';
import { type Credential, credentialsOf } from './http/credentials.ts';
import { type FieldReader, requestFields, responseFields } from './http/fields.ts';
import { record, type Recorded } from './http/recording.ts';
import { storability, type Verdict } from './http/storability.ts';
import {
  currentAge,
  type HeaderSnapshot,
  snapshot,
  type StoredResponse,
  storedFields,
} from './http/stored-response.ts';
import { type Place, ruleFor } from './http/vary-rule.ts';
import type { Route } from './options.ts';
import type { Responses, Stored } from './responses.ts';
import { tagsFor } from './tags.ts';

/** A response that may be stored once it is complete. */
type Storable = Omit<StoredResponse, 'body' | 'statusMessage'> & {
  readonly vary: readonly string[];
  readonly tags: readonly string[];
};

/** For how long the fields of a Vary are remembered at least, and a response at most; milliseconds. */
const ruleLife = 3_600_000;
const longestLife = 365 * 24 * 3_600_000;

/** What an exchange is made of. */
export interface ExchangeParts<P> {
  readonly req: Request<P>;
  readonly res: Response;
  readonly next: NextFunction;
  readonly route: Route<P>;
  readonly responses: Responses;
  /** Whom the response is for alone. */
  readonly scope: string | undefined;
  readonly warn: (what: string, error: unknown) => void;
}

/** A request that the cache may have a part in, and the one run of its handler, if it comes to that. */
export class Exchange<P = unknown> {
  readonly req: Request<P>;
  readonly res: Response;
  readonly route: Route<P>;
  readonly responses: Responses;
  /** Whom the response is for alone. */
  readonly scope: string | undefined;
  readonly #next: NextFunction;
  readonly #params: P;
  readonly #warn: (what: string, error: unknown) => void;
  readonly #anonymous: boolean;
  #fields: FieldReader;
  #state: 'waiting' | 'leading' | 'alone' = 'waiting';
  #place: Place | undefined;
  #head: Promise<Storable | undefined> | undefined;
  #body: Promise<Recorded> | undefined;

  constructor(parts: ExchangeParts<P>) {
    this.req = parts.req;
    this.res = parts.res;
    this.route = parts.route;
    this.responses = parts.responses;
    this.scope = parts.scope;
    this.#next = parts.next;
    this.#warn = parts.warn;
    this.#params = parts.req.params;
    this.#fields = requestFields(parts.req.headers);
    this.#anonymous = this.credentials.length === 0;
  }

  /** True once the handler runs, or has run: it answers this request, whatever the cache has by then. */
  get begun(): boolean {
    return this.#state !== 'waiting';
  }

  /** The client has gone, and nobody is to be answered. */
  get gone(): boolean {
    return this.res.destroyed;
  }

  /** The request's fields, as they were before any handler could change them. */
  get fields(): FieldReader {
    return this.#fields;
  }

  /** What the request has of a user; nothing within a scope, whose key is of that user alone. */
  get credentials(): readonly Credential[] {
    return this.scope === undefined ? credentialsOf(this.req, this.route.ignoresCookie) : [];
  }

  /** The key under which a place is known to be no use to wait at: users do not decide for those who are nobody. */
  markOf(place: Place): string {
    return this.#anonymous ? place.key : `${place.key} +credentials`;
  }

  /**
   * Runs the handler for this request and for all who wait at the place, and brings what they and the cache may have
   * of its answer; `undefined` if that is nothing. Once begun, it goes on with the same run at other places.
   */
  async load(place: Place, context: LoadContext<Key>): Promise<Stored | undefined> {
    if (this.#state === 'alone' || (!this.begun && this.gone)) return undefined;
    this.#place = place;
    this.#head ??= this.#lead();
    const storable = await this.#head;
    if (storable === undefined) return undefined;
    context.setTags(...storable.tags);
    const rule = ruleFor(place, storable.vary);
    if (rule === 'too deep') return this.#unshareable();
    if (rule !== undefined) {
      // It outlives the responses under it: without it they could not be found.
      context.setTtl(Math.min(Math.max(storable.lifetime, ruleLife), longestLife));
      return rule;
    }
    const body = await this.#body!;
    if (typeof body === 'string') return body === 'too large' ? this.#unshareable() : undefined;
    return this.#complete(place, storable, body, context);
  }

  /** Runs the handler for this request alone; nothing is stored, and nobody waits for it. */
  alone(outcome: CacheOutcome, place?: Place): void {
    if (this.begun) return;
    this.#state = 'alone';
    onHeaders(this.res, () => {
      if (place !== undefined && this.#judge().storable) this.responses.hitForMiss.clear(this.markOf(place));
      this.#tell(outcome);
    });
    this.#next();
  }

  #lead(): Promise<Storable | undefined> {
    const { req, res, route } = this;
    this.#state = 'leading';
    const before = snapshot(res);
    this.#fields = requestFields({ ...req.headers });
    // RFC 9111 §4.3.1: the handler is to give a whole response, not a 304 that is for this client alone.
    delete req.headers['if-none-match'];
    delete req.headers['if-modified-since'];
    const head = new Promise<Storable | undefined>((resolve) => {
      this.#body = record(res, route.maxEntrySize, () => {
        const storable = this.#storable(before);
        resolve(storable);
        return storable !== undefined;
      });
      void this.#body.then(() => resolve(undefined));
    });
    this.#next();
    return head;
  }

  /** Decides, when the headers are complete, what others may have of the response. */
  #storable(before: HeaderSnapshot): Storable | undefined {
    const { res, responses } = this;
    const place = this.#place!;
    const forward = place.depth === 0 ? 'uri-miss' : 'vary-miss';
    const verdict = this.#judge();
    const tags = verdict.storable ? this.#tags() : undefined;
    if (!verdict.storable || tags === undefined) {
      responses.hitForMiss.mark(this.markOf(place));
      this.#tell({ forward, detail: verdict.storable ? 'tags' : verdict.reason });
      return undefined;
    }
    const { lifetime, age, audience, vary } = verdict;
    const receivedAt = responses.clock.now();
    const fields = storedFields(res, before, receivedAt);
    responses.hitForMiss.clear(this.markOf(place));
    this.#tell({ forward, stored: true });
    return { kind: 'response', status: res.statusCode, ...fields, receivedAt, age, lifetime, audience, vary, tags };
  }

  #judge(): Verdict {
    const { res, route, responses, credentials } = this;
    return storability({
      status: res.statusCode,
      fields: responseFields(res),
      credentials,
      scoped: this.scope !== undefined,
      ttl: route.ttl,
      maxBytes: route.maxEntrySize,
      receivedAt: responses.clock.now(),
    });
  }

  #tags(): readonly string[] | undefined {
    try {
      return tagsFor(this.route.tags, this.req, this.res, this.#params, 'cacheResponse: tags');
    } catch (error) {
      this.#warn('a response is not cached, since its tags are not known', error);
      return undefined;
    }
  }

  #complete(place: Place, storable: Storable, body: Buffer, context: LoadContext<Key>): StoredResponse {
    const { vary: _, tags: __, ...head } = storable;
    // Node has filled the reason phrase in by now.
    const stored = { ...head, statusMessage: this.res.statusMessage, body };
    const left = stored.lifetime - currentAge(stored, this.responses.clock.now());
    if (left <= 0) context.skip();
    else context.setTtl(Math.min(left, longestLife));
    if (place.depth > 0) this.#boundVariants(place);
    return stored;
  }

  #boundVariants(place: Place): void {
    const oldest = this.responses.variants.use(place.url, place.key, this.route.maxVariants);
    if (oldest !== undefined) void this.responses.evict(oldest).catch(() => undefined);
  }

  #unshareable(): undefined {
    this.responses.hitForMiss.mark(this.markOf(this.#place!));
  }

  #tell(outcome: CacheOutcome): void {
    addCacheStatus(this.res, cacheStatus(this.route.name, outcome));
  }
}
