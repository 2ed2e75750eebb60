import type { Exchange } from './exchange.ts';
import type { CacheOutcome } from './http/cache-status.ts';
import { type FieldReader, responseFields } from './http/fields.ts';
import { type Decision, Interception, type Recorded } from './http/interception.ts';
import type { Credential } from './http/credentials.ts';
import { forwardOf, type Place, ruleFor } from './http/place.ts';
import { coversErrors } from './http/reuse.ts';
import {
  fieldOf,
  type HeaderSnapshot,
  snapshot,
  type StoredFields,
  type StoredResponse,
  storedFields,
} from './http/stored-response.ts';
import { parseHttpDate } from './http/http-date.ts';
import { condition, freshened } from './http/validation.ts';
import { markOf } from './wait-mark.ts';
import { serve } from './serve.ts';

/** A response whose headers are known, and that may be stored once it is complete. */
export type Storable = Omit<StoredResponse, 'body' | 'statusMessage'> & { readonly vary: readonly string[] };

/**
 * What the run of a handler brings for others than its own client: a response that is still being sent to that one; the
 * stored response, with the fields of the handler's 304; the news that what is stored is not to be replaced, since the
 * handler has `failed`; or nothing that could be shared.
 */
export type Brought =
  | { readonly kind: 'response'; readonly storable: Storable; readonly body: Promise<Recorded> }
  | { readonly kind: 'validated'; readonly stored: StoredResponse }
  | { readonly kind: 'failed'; readonly status: number }
  | { readonly kind: 'nothing' };

/** RFC 5861 §4: what counts as an error that a stale response may cover. */
const errors = new Set([500, 502, 503, 504]);

/** How a handler is run. */
export interface Errand {
  /** What is stored, and may not be used any longer without asking the handler. */
  readonly stale: StoredResponse | undefined;
  /** What Cache-Status tells; by default why the request was passed on. */
  readonly outcome?: CacheOutcome;
  /** False where the response is for this client alone. */
  readonly stores?: boolean;
  /** Set for a POST: whether its answer is one to keep for GET. */
  readonly posted?: () => boolean;
}

/**
 * Runs the handler for a request and for all who wait at the place, as soon as its headers are complete. Where a stored
 * response is there, the handler is asked whether it is current, and its client is answered accordingly.
 */
export function lead<P>(exchange: Exchange<P>, place: Place, errand: Errand): Promise<Brought> {
  const { stores = true, posted } = errand;
  return new Promise((resolve) => {
    exchange.begin(() => {
      const before = snapshot(exchange.res);
      const validates = posted === undefined && condition(exchange.req, errand.stale);
      const interception = new Interception(exchange.res, exchange.route.maxEntrySize, () => {
        const [decision, brought] = new Leader(exchange, place, before, interception).decide(errand, validates);
        // Where there is something stored that may be used on, others need not be kept from it.
        const isLost = brought.kind === 'nothing' || (brought.kind === 'failed' && errand.stale === undefined);
        if (isLost && stores && posted === undefined) exchange.responses.hitForMiss.mark(markOf(exchange, place));
        resolve(brought);
        return decision;
      });
      // A client that goes away before there are headers.
      void interception.body.then(() => resolve(nothing));
    });
  });
}

const nothing: Brought = { kind: 'nothing' };

/** Decides what becomes of a response whose headers are complete. */
class Leader<P> {
  readonly #exchange: Exchange<P>;
  readonly #place: Place;
  readonly #before: HeaderSnapshot;
  readonly #interception: Interception;

  constructor(exchange: Exchange<P>, place: Place, before: HeaderSnapshot, interception: Interception) {
    this.#exchange = exchange;
    this.#place = place;
    this.#before = before;
    this.#interception = interception;
  }

  decide({ stale, outcome, stores = true, posted }: Errand, validates: boolean): [Decision, Brought] {
    const { res, responses } = this.#exchange;
    const status = res.statusCode;
    if (posted !== undefined && !posted()) {
      this.#exchange.tell(outcome!);
      return ['pass', nothing];
    }
    if (stale === undefined) return this.#judge(outcome ?? { forward: forwardOf(this.#place) }, stores);
    if (status === 304 && validates) return ['swallow', this.#validated(stale)];
    if (errors.has(status) && coversErrors(stale, responses.clock.now())) {
      this.#answer(stale, { forward: 'stale', forwardStatus: status, detail: 'stale-if-error' });
      return ['swallow', { kind: 'failed', status }];
    }
    const judged = this.#judge(outcome ?? { forward: 'stale' }, stores);
    // What one client may not see, or a fault of the moment, is no news of what others may.
    const isNews = status !== 401 && status !== 403 && status < 500;
    return isNews || judged[1].kind === 'response' ? judged : [judged[0], { kind: 'failed', status }];
  }

  #judge(outcome: CacheOutcome, stores: boolean): [Decision, Brought] {
    const { res, responses } = this.#exchange;
    const verdict = this.#exchange.judge(this.#place);
    const tags = verdict.storable ? this.#exchange.tags() : undefined;
    if (!verdict.storable || tags === undefined) {
      const reason = verdict.storable ? 'tags' : verdict.reason;
      this.#exchange.tell({ detail: reason, ...outcome });
      return ['pass', isCredential(reason) ? { kind: 'failed', status: res.statusCode } : nothing];
    }
    if (!stores) {
      if (verdict.lifetime > verdict.age) responses.hitForMiss.clear(markOf(this.#exchange, this.#place));
      this.#exchange.tell(outcome);
      return ['pass', nothing];
    }
    const { storable: _, omitted, ...judged } = verdict;
    const receivedAt = responses.clock.now();
    const { headers, removed, earlier } = storedFields(res, this.#before, receivedAt, omitted);
    this.#exchange.tell({ ...outcome, stored: true });
    const fields = { headers, removed, earlier: this.#forFront(earlier) };
    const head = { ...judged, ...fields, ...validatorsIn(headers, receivedAt), receivedAt, tags };
    const storable: Storable = { kind: 'response', status: res.statusCode, ...head };
    return ['record', { kind: 'response', storable, body: this.#interception.body }];
  }

  /** RFC 9111 §4.3.4: the stored response is made new by the 304, and answers the request. */
  #validated(stale: StoredResponse): Brought {
    const { res, responses } = this.#exchange;
    const receivedAt = responses.clock.now();
    const fresh = storedFields(res, this.#before, receivedAt, []);
    const headers = freshened(stale, fresh.headers);
    // Age is not stored, but counted on.
    const told = responseFields(res);
    const fields: FieldReader = (name) => (name === 'age' ? told(name) : fieldOf(headers, name));
    const verdict = this.#exchange.judge(this.#place, stale.status, fields);
    const outcome: CacheOutcome = { forward: 'stale', forwardStatus: 304 };
    // What it was found by before may be more than a 304 tells.
    const tags = verdict.storable ? this.#exchange.tags(fields, stale.tags) : undefined;
    if (!verdict.storable || tags === undefined) {
      this.#answer({ ...stale, headers, receivedAt, age: 0 }, outcome);
      return !verdict.storable && isCredential(verdict.reason) ? { kind: 'failed', status: 304 } : nothing;
    }
    const { storable: _, vary, omitted, ...judged } = verdict;
    const kept = headers.filter(([name]) => !omitted.includes(name.toLowerCase()));
    const renewed = { headers: kept, earlier: this.#forFront(fresh.earlier), receivedAt, tags };
    const stored: StoredResponse = { ...stale, ...judged, ...validatorsIn(kept, receivedAt), ...renewed };
    // §4.1: here are found by requests that differ in what it depends on by now.
    const isElsewhere = ruleFor(this.#place, vary) !== undefined;
    this.#answer(stored, isElsewhere ? outcome : { ...outcome, stored: true });
    return isElsewhere ? nothing : { kind: 'validated', stored };
  }

  /** What the response is given with in front of the app; a cookie that middleware has made is for nobody else. */
  #forFront(earlier: StoredFields): StoredFields | undefined {
    const isOwn = earlier.some(([name]) => name.toLowerCase() === 'set-cookie');
    return this.#exchange.route.front && !isOwn ? earlier : undefined;
  }

  /** Answers in place of the handler, as if it had set nothing. */
  #answer(stored: StoredResponse, outcome: CacheOutcome): void {
    const { res } = this.#exchange;
    for (const name of res.getHeaderNames()) if (!this.#before.has(name)) res.removeHeader(name);
    for (const [name, value] of this.#before) if (value !== undefined) res.setHeader(name, value);
    this.#interception.answer((end) => serve(this.#exchange, stored, outcome, end));
  }
}

/** Somebody's own answer says nothing of what is stored for others. */
function isCredential(reason: string): boolean {
  const credentials: readonly string[] = ['authorization', 'cookie', 'user', 'session'] satisfies Credential[];
  return credentials.includes(reason);
}

function validatorsIn(headers: StoredFields, receivedAt: number): Pick<StoredResponse, 'etag' | 'modified'> {
  const modified = parseHttpDate(fieldOf(headers, 'last-modified') ?? '', receivedAt);
  return { etag: fieldOf(headers, 'etag'), modified: Number.isNaN(modified) ? undefined : modified };
}
