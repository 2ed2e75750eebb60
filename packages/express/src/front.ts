import { type Cache, integer, invalid, parseOptions, withDefault } from '@cache/core';
import type { Application } from 'express';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { hit } from './http/cache-status.ts';
import { HitHead, isSelective, withEarlier } from './http/hit-head.ts';
import { placeOf } from './http/place.ts';
import type { StoredFields, StoredResponse } from './http/stored-response.ts';
import { type Distinctions, type Particulars, targetOf } from './http/target.ts';
import { normalised } from './http/vary.ts';
import { nearest } from './nearest.ts';
import { cacheRule } from './option-rules.ts';
import type { LookupRules } from './options.ts';
import { type Lesson, setWatcher } from './watcher.ts';
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

/** What no route asks of a request that Express has not seen. */
const nothing: Particulars = { scope: undefined, extra: undefined };

/** A route that URLs lead to. */
interface Destination {
  readonly route: LookupRules;
  /** What makes keys of requests; `undefined` where the key is the URL. */
  readonly rules: Pick<LookupRules, keyof Distinctions | 'requestDirectives'> | undefined;
  /** Set once it is known to tell users apart by what cannot be seen from here. */
  closed: boolean;
}

/** A request as it came to the entrance, before anybody could change it. */
interface Arrival {
  readonly req: IncomingMessage;
  readonly url: string;
  /** The key that its URL has by itself. */
  readonly address: string;
  readonly trusted: () => boolean;
}

class Entrance {
  readonly #app: Application;
  readonly #responses: Responses;
  readonly #known: SecondChanceMap<Destination>;
  /** By what two requests are known to take the same way through an app: by their whole URLs, as they were sent. */
  readonly #byUrl: Distinctions;
  readonly #destinations = new WeakMap<LookupRules, Destination>();
  readonly #heads = new WeakMap<StoredResponse, HitHead>();

  constructor(app: Application, responses: Responses, maxUrls: number) {
    this.#app = app;
    this.#responses = responses;
    this.#known = new SecondChanceMap(maxUrls);
    const urls = responses.urlsBy(undefined);
    this.#byUrl = { urls, unkeyedHeaders: 'bypass', keyedFields: [], normalise: normalised };
  }

  /** Answers a request, if memory has what to answer it with. */
  answers(req: IncomingMessage, res: ServerResponse): boolean {
    try {
      return this.#answers(req, res);
    } catch {
      // A closed cache, a function of a route that throws: whatever it is, the app answers.
      return res.headersSent;
    }
  }

  /** If there is no answer, the way that the request goes is watched. */
  #answers(req: IncomingMessage, res: ServerResponse): boolean {
    const { method, headers } = req;
    if (method !== 'GET' && method !== 'HEAD') return false;
    if (headers.cookie !== undefined || headers.authorization !== undefined) return false;
    const url = req.url!;
    const trusted = (): boolean => trustsSender({ app: this.#app, socket: req.socket });
    const target = targetOf(req, url, this.#byUrl, nothing, trusted);
    if ('refused' in target) return false;
    const arrival = { req, url, address: target.key, trusted };
    const destination = this.#known.get(target.key);
    if (destination !== undefined && this.#answersFrom(destination, arrival, res)) return true;
    setWatcher(req, { learn: (lesson) => this.#learn(lesson, arrival) });
    return false;
  }

  #answersFrom(destination: Destination, arrival: Arrival, res: ServerResponse): boolean {
    const { route, closed } = destination;
    const key = closed ? undefined : keyOf(destination, arrival);
    if (key === undefined) return false;
    const reply = new Reply(arrival.req, res, route);
    const { place, stored } = nearest(reply, placeOf(key));
    if (stored?.earlier === undefined) return false;
    this.#responses.usesVariant(place, route.maxVariants);
    this.#give(reply, this.#headOf(stored, stored.earlier));
    return true;
  }

  #give(reply: Reply, head: HitHead): void {
    const { stored } = head;
    if (isSelective(reply.req)) return serve(reply, stored, hit);
    const fields = head.at(reply.cameAt, reply.route.name);
    reply.res.writeHead(stored.status, stored.statusMessage, fields as string[]).end(stored.body);
  }

  #headOf(stored: StoredResponse, earlier: StoredFields): HitHead {
    let head = this.#heads.get(stored);
    if (head === undefined) this.#heads.set(stored, (head = new HitHead(withEarlier(stored, earlier))));
    return head;
  }

  /** Only where the middleware has come to the key that the request had here. */
  #learn({ route, key, ofUser }: Lesson, arrival: Arrival): void {
    if (route.responses !== this.#responses) return;
    const destination = this.#destinationOf(route);
    // Neither a cookie nor Authorization has told who that is: the next one would not be told from a stranger.
    if (ofUser && !destination.closed) {
      destination.closed = true;
      const why = 'a request without Cookie and Authorization had a req.user';
      process.emitWarning(`front answers no more for a route, since ${why}; leave its front: true out`, 'CacheWarning');
    }
    if (!destination.closed && keyOf(destination, arrival) === key) this.#known.set(arrival.address, destination);
  }

  #destinationOf(route: LookupRules): Destination {
    let destination = this.#destinations.get(route);
    if (destination === undefined) {
      const { urls, keyedFields, requestDirectives } = route;
      const isUrl = urls === this.#byUrl.urls && keyedFields.length === 0 && !requestDirectives;
      const rules = isUrl ? undefined : { ...route, unkeyedHeaders: this.#byUrl.unkeyedHeaders };
      this.#destinations.set(route, (destination = { route, rules, closed: false }));
    }
    return destination;
  }
}

/** The key of a request on a known way; `undefined` for one that the route's cache has no part in. */
function keyOf({ rules }: Destination, { req, url, address, trusted }: Arrival): string | undefined {
  if (rules === undefined) return address;
  const plan = lookup(req, url, rules, nothing, trusted);
  return 'key' in plan ? plan.key : undefined;
}
