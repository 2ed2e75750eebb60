import { type Cache, integer, invalid, parseOptions, withDefault } from '@cache/core';
import type { Application } from 'express';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { placeOf } from './http/place.ts';
import type { StoredResponse } from './http/stored-response.ts';
import { type Distinctions, targetOf } from './http/target.ts';
import { normalised } from './http/vary.ts';
import { WholeHead } from './http/whole-head.ts';
import { nearest } from './nearest.ts';
import { cacheRule } from './option-rules.ts';
import type { LookupRules } from './options.ts';
import { setPassage, type Lesson } from './passage.ts';
import { lookup } from './plan.ts';
import { Reply } from './reply.ts';
import { type Responses, responsesOf } from './responses.ts';
import { SecondChanceMap } from './second-chance.ts';
import { serve } from './serve.ts';
import { trustsSender } from './trust.ts';

/** What stands in front of an app. */
export interface FrontOptions {
  /** The cache of the routes that have opted in. */
  cache: Cache;
  /** Of how many URLs the route is remembered; the others are answered by Express. Default 10 000. */
  maxUrls?: number;
}

/**
 * A request listener for `http.createServer` that answers hits before Express is entered, for the routes that say
 * `front: true`; all other requests go to the app. What stands before such a route in the app (authentication, rate
 * limits, logs) does not run for a hit.
 *
 * A hit is a response that memory has fresh, to a URL that the app has led to that route before. Requests with a Cookie
 * or an Authorization field, with content or preconditions, and those that the route's cache would stand aside for, go
 * through.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`, `DUPLICATE_RESOURCE`, `CLOSED`.
 */
export function front(app: Application, options: FrontOptions): RequestListener {
  const { cache, maxUrls } = parseOptions('front', options, {
    cache: cacheRule,
    maxUrls: withDefault(integer(1, 10_000_000), 10_000),
  });
  const isApp = typeof app === 'function' && typeof (app as Partial<Application>).get === 'function';
  if (!isApp) throw invalid('front', 'takes an Express app and its cache: front(express(), { cache })');
  const entrance = new Entrance(app, responsesOf(cache), maxUrls);
  // Express makes its own of them, as of any other.
  const enter = app as unknown as RequestListener;
  return (req, res) => {
    if (!entrance.answers(req, res)) enter(req, res);
  };
}

/** By what two requests are known to take the same way through an app: by their whole URLs, as they were sent. */
const address: Distinctions = {
  query: undefined,
  unkeyedHeaders: 'bypass',
  keyedFields: [],
  normalise: normalised,
  scope: undefined,
  extra: undefined,
};

/** Where the requests for one URL are known to go. */
interface Destination {
  readonly route: LookupRules;
  /** What makes keys of requests; `undefined` where the key is the URL. */
  readonly distinctions: Distinctions | undefined;
}

const hit = { hit: true } as const;

class Entrance {
  readonly #app: Application;
  readonly #responses: Responses;
  readonly #known: SecondChanceMap<Destination>;
  readonly #heads = new WeakMap<StoredResponse, WholeHead>();

  constructor(app: Application, responses: Responses, maxUrls: number) {
    this.#app = app;
    this.#responses = responses;
    this.#known = new SecondChanceMap(maxUrls);
  }

  /** Answers a request, if memory has what to answer it with. If not, the way that it goes is watched. */
  answers(req: IncomingMessage, res: ServerResponse): boolean {
    const { method, headers } = req;
    if (method !== 'GET' && method !== 'HEAD') return false;
    if (headers.cookie !== undefined || headers.authorization !== undefined) return false;
    const url = req.url!;
    const trusted = (): boolean => trustsSender({ app: this.#app, socket: req.socket });
    const target = targetOf(req, url, address, trusted);
    if ('refused' in target) return false;
    const destination = this.#known.get(target.key);
    if (destination !== undefined && this.#answersFrom(destination, req, res, target.key, trusted)) return true;
    setPassage(req, { learn: (lesson) => this.#learn(lesson, target.key, req, url, trusted) });
    return false;
  }

  #answersFrom(
    destination: Destination,
    req: IncomingMessage,
    res: ServerResponse,
    addressKey: string,
    trusted: () => boolean,
  ): boolean {
    const { route } = destination;
    const key = keyOf(destination, req, req.url!, addressKey, trusted);
    if (key === undefined) return false;
    try {
      const reply = new Reply(req, res, route, this.#responses);
      const { place, stored } = nearest(reply, placeOf(key));
      if (stored?.earlier === undefined) return false;
      this.#responses.usesVariant(place, route.maxVariants);
      this.#give(reply, this.#headOf(stored));
      return true;
    } catch {
      // A closed cache, say: whatever it is, the app answers.
      return false;
    }
  }

  #give(reply: Reply, head: WholeHead): void {
    const { stored } = head;
    const { headers } = reply.req;
    const asksForPart = headers.range !== undefined || headers['if-none-match'] !== undefined;
    if (asksForPart || headers['if-modified-since'] !== undefined) return serve(reply, stored, hit);
    const fields = head.at(this.#responses.clock.now(), reply.route.name);
    reply.res.writeHead(stored.status, stored.statusMessage, fields as string[]).end(stored.body);
  }

  #headOf(stored: StoredResponse): WholeHead {
    let head = this.#heads.get(stored);
    if (head === undefined) this.#heads.set(stored, (head = new WholeHead(stored, stored.earlier!)));
    return head;
  }

  /** Only where the middleware has come to the key that the request has from here, where nobody has changed it yet. */
  #learn(
    { route, responses, key }: Lesson,
    addressKey: string,
    req: IncomingMessage,
    url: string,
    trusted: () => boolean,
  ): void {
    if (responses !== this.#responses) return;
    const { query, keyedFields, normalise, requestDirectives } = route;
    const isPlain = query === undefined && keyedFields.length === 0 && !requestDirectives;
    const destination = { route, distinctions: isPlain ? undefined : { ...address, query, keyedFields, normalise } };
    if (keyOf(destination, req, url, addressKey, trusted) === key) this.#known.set(addressKey, destination);
  }
}

/** The key of a request whose way is known; `undefined` for one that the route's cache has no part in. */
function keyOf(
  { route, distinctions }: Destination,
  req: IncomingMessage,
  url: string,
  addressKey: string,
  trusted: () => boolean,
): string | undefined {
  if (distinctions === undefined) return addressKey;
  const plan = lookup(req, url, route.requestDirectives, distinctions, trusted);
  return 'key' in plan ? plan.key : undefined;
}
