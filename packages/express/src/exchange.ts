import type { NextFunction, Request, Response } from 'express';
import { groupTags, originOf } from './http/cache-groups.ts';
import { type Credential, credentialsOf, isAnonymous, noCredentials } from './http/credentials.ts';
import { type FieldReader, requestFields, responseFields } from './http/fields.ts';
import { isTooDeep, type Place } from './http/place.ts';
import { storability, type Verdict } from './http/storability.ts';
import { enterCache } from './mark.ts';
import type { Route } from './options.ts';
import { Reply } from './reply.ts';
import { mostTags } from './responses.ts';
import { tagsFor } from './tags.ts';
import { trustsSender } from './trust.ts';
import type { Warn } from './warning.ts';

/** What an exchange is made of. */
export interface ExchangeParts<P> {
  readonly req: Request<P>;
  readonly res: Response;
  readonly next: NextFunction;
  readonly route: Route<P>;
  /** Whom the response is for alone. */
  readonly scope: string | undefined;
  /** By what all responses of its URL are found, where its key does not tell. */
  readonly tag: string | undefined;
  readonly warn: Warn;
}

/** A request that the cache may have a part in, with its response, and the handler that runs for it once at most. */
export class Exchange<P> extends Reply {
  declare readonly req: Request<P>;
  declare readonly res: Response;
  declare readonly route: Route<P>;
  /** Whom the response is for alone. */
  readonly scope: string | undefined;
  /** By what all responses of its URL are found, where its key does not tell. */
  readonly tag: string | undefined;
  /** What the request had of a user when it came to the cache. */
  readonly credentials: readonly Credential[];
  readonly #next: NextFunction;
  readonly #warn: Warn;
  readonly #params: P;
  #fieldsBefore: FieldReader | undefined;
  #begunAt: number | undefined;

  constructor({ req, res, next, route, scope, tag, warn }: ExchangeParts<P>) {
    super(req, res, route);
    this.scope = scope;
    this.tag = tag;
    this.#next = next;
    this.#warn = warn;
    this.#params = req.params;
    this.credentials = isAnonymous(req) ? noCredentials : this.#credentialsNow();
  }

  /** The request's fields, as they were before any handler could change them. */
  override get fields(): FieldReader {
    return this.#fieldsBefore ?? super.fields;
  }

  /** True once the handler runs, or has run: it answers this request, whatever the cache has by then. */
  get begun(): boolean {
    return this.#begunAt !== undefined;
  }

  /** Nobody is to be answered any more: the client has gone, or other middleware has run out of patience and answered. */
  get gone(): boolean {
    return this.res.destroyed || this.res.headersSent;
  }

  /** Has the handler answer; `prepare` comes before it. Only the first call has an effect. */
  begin(prepare: () => void): void {
    if (this.begun) return;
    this.#begunAt = this.responses.clock.now();
    enterCache(this.req);
    this.#fieldsBefore = requestFields({ ...this.req.headers });
    prepare();
    this.#next();
  }

  /** Whether the response may be kept for that place, now that its headers are complete, or once they were `renewed`. */
  judge(place: Place, status = this.res.statusCode, renewed = responseFields(this.res)): Verdict {
    const { route, responses } = this;
    const receivedAt = responses.clock.now();
    const verdict = storability({
      status,
      fields: renewed,
      // Middleware after the cache may have found out who it is.
      credentials: this.#credentialsNow(),
      scoped: this.scope !== undefined,
      rules: route,
      receivedAt,
      delay: receivedAt - (this.#begunAt ?? receivedAt),
    });
    return verdict.storable && isTooDeep(place, verdict.vary) ? { storable: false, reason: 'vary' } : verdict;
  }

  /**
   * The tags of the response, by its fields, and those that it had `before`; `undefined` for one that is better not
   * stored, since they are not known.
   */
  tags(fields = responseFields(this.res), before: readonly string[] = []): readonly string[] | undefined {
    try {
      const own = tagsFor(this.route.tags, this.req, this.res, this.#params, 'cacheResponse: tags');
      const groups = groupTags(
        fields('cache-groups'),
        originOf(this.req, () => trustsSender(this.req)),
      );
      const { tag } = this;
      if (groups.length === 0 && tag === undefined && before.length === 0) return own;
      const all = [...new Set([...before, ...own, ...groups, ...(tag === undefined ? [] : [tag])])];
      if (all.length <= mostTags) return all;
      throw new RangeError(`it has ${all.length} with those of its groups and its URL, and ${mostTags} are the most`);
    } catch (error) {
      this.#warn('a response is not cached, since its tags are not known', error);
      return undefined;
    }
  }

  /** Within a scope there are none: its key is of that user alone. */
  #credentialsNow(): readonly Credential[] {
    return this.scope === undefined ? credentialsOf(this.req, this.route.ignoresCookie) : noCredentials;
  }
}
