import {
  type Duration,
  func,
  integer,
  invalid,
  optional,
  parseOptions,
  positiveDuration,
  withDefault,
} from '@cache/core';
import type { Application } from 'express';
import type { ServerResponse } from 'node:http';
import type { Exchange } from './exchange.ts';
import { isFresh } from './http/reuse.ts';
import { type Place, placeOf, variantOf } from './http/place.ts';
import { parseWrittenUrl, type WrittenUrl } from './http/written-url.ts';
import { dispatch } from './redispatch.ts';
import { walk } from './walk.ts';

/** How responses are warmed. */
export interface WarmOptions {
  /** How many requests are under way at once. Default 8. */
  concurrency?: number;
  /**
   * Request fields besides Host: what responses vary by, `{ 'accept-encoding': 'gzip' }` say, and what a proxy adds to
   * requests, such as `{ 'x-forwarded-proto': 'https' }`, where the app trusts the loopback address.
   */
  headers?: Readonly<Record<string, string>>;
  /**
   * For how long one URL may take until its response is complete. Default `'30s'`. One that takes longer is given up, as if its
   * client had gone, and counts as `timedOut`.
   */
  timeout?: Duration;
  /** Called after each URL. */
  onProgress?: (progress: WarmProgress) => void;
  /** Ends it all: requests under way, as if their client had gone; no more are begun, and it rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** How far it is. */
export interface WarmProgress {
  readonly done: number;
  readonly total: number;
  /** How many of those done were given up. */
  readonly timedOut: number;
  readonly last: WarmedUrl;
}

/** What became of one URL. */
export interface WarmedUrl {
  readonly url: string;
  /** Whether a request for it is answered from the cache now. */
  readonly stored: boolean;
  /** Of the answer; `undefined` where there was none. */
  readonly status: number | undefined;
  /** What the cache said of it in Cache-Status: why it was not stored, perhaps. */
  readonly cacheStatus: string | undefined;
  /** Whether it was given up, since it took longer than `timeout`. */
  readonly timedOut: boolean;
}

/**
 * Sends a made-up GET for each URL through the whole app, as if it came from the loopback address, so that its response is
 * in the cache before anybody asks. URLs are absolute, since hosts have their own responses; of what is fresh in the cache
 * nothing is asked. A handler that never answers keeps its place for `timeout`.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`, `INVALID_DURATION`, before anything is sent.
 */
export async function warmResponses(
  app: Application,
  urls: Iterable<string>,
  options?: WarmOptions,
): Promise<WarmedUrl[]> {
  const { concurrency, headers, timeout, onProgress, signal } = parseOptions('warmResponses', options ?? {}, {
    concurrency: withDefault(integer(1, 1_000), 8),
    headers: withDefault(headersRule, {}),
    timeout: withDefault(positiveDuration, 30_000),
    onProgress: optional(func<NonNullable<WarmOptions['onProgress']>>()),
    signal: optional(signalRule),
  });
  const all = Array.from(urls, (url) => ({ url, written: absolute(url) }));
  const warmed: WarmedUrl[] = [];
  const underWay = new Set<Warming>();
  const progress = { done: 0, total: all.length, timedOut: 0 };
  let begun = 0;
  const work = async (): Promise<void> => {
    while (begun < all.length) {
      signal?.throwIfAborted();
      const at = begun;
      begun += 1;
      const { url, written } = all[at]!;
      const warming = warmOne(app, written, headers, timeout);
      underWay.add(warming);
      const last: WarmedUrl = { url, ...(await warming.outcome) };
      underWay.delete(warming);
      warmed[at] = last;
      progress.done += 1;
      if (last.timedOut) progress.timedOut += 1;
      if (signal?.aborted !== true) onProgress?.({ ...progress, last });
    }
  };
  const working = Promise.all(Array.from({ length: Math.min(concurrency, all.length) }, work));
  try {
    await (signal === undefined ? working : Promise.race([working, aborted(signal, working)]));
  } finally {
    begun = all.length;
    for (const warming of underWay) warming.end();
  }
  return warmed;
}

/** Rejects when the signal says so; it listens no longer than there is work. */
function aborted(signal: AbortSignal, working: Promise<unknown>): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    const rest = (): void => signal.removeEventListener('abort', abort);
    working.then(rest, rest);
  });
}

type Outcome = Omit<WarmedUrl, 'url'>;

/** A request that is under way. */
interface Warming {
  /** It never rejects. */
  readonly outcome: Promise<Outcome>;
  /** Ends the request, as if its client had gone. */
  readonly end: () => void;
}

function warmOne(
  app: Application,
  { scheme, authority, target }: Absolute,
  headers: Headers,
  timeout: number,
): Warming {
  const like = { ...loopback, encrypted: scheme === 'https' };
  const parts = { url: target, headers: { ...headers, host: authority }, like };
  let settle!: (outcome: Outcome) => void;
  const outcome = new Promise<Outcome>((resolve) => (settle = resolve));
  let arrived = false;
  const arrive = <P>(exchange?: Exchange<P>, key?: string): void => {
    arrived = true;
    if (exchange === undefined || key === undefined) settle(unanswered);
    else void warmThere(exchange, placeOf(key)).then(settle);
  };
  const { response, end } = dispatch(app, parts, { arrive }, (ended) => {
    if (!arrived) settle(outcomeOf(ended));
  });
  const giveUp = (): void => {
    settle({ ...outcomeOf(response), timedOut: true });
    end();
  };
  const timer = setTimeout(giveUp, Math.min(timeout, longestTimer));
  return { outcome: outcome.finally(() => clearTimeout(timer)), end };
}

const unanswered: Outcome = { stored: false, status: undefined, cacheStatus: undefined, timedOut: false };

/** What the answer says by itself. */
function outcomeOf(response: ServerResponse): Outcome {
  if (!response.headersSent) return unanswered;
  const told = response.getHeader('cache-status');
  const cacheStatus = told === undefined ? undefined : String(told);
  return { ...unanswered, status: response.statusCode, cacheStatus };
}

/** What the middleware does for a request, until what comes of it is kept. */
async function warmThere<P>(exchange: Exchange<P>, start: Place): Promise<Outcome> {
  const { res } = exchange;
  let stored = false;
  try {
    await walk(exchange, start);
    await over(res);
    stored = await isKept(exchange, start);
  } catch {
    // A closed cache, say; the answer tells that nothing is stored.
  }
  return { ...outcomeOf(res), stored };
}

function over(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (res.writableFinished || res.destroyed) resolve();
    else res.once('finish', resolve).once('close', resolve);
  });
}

async function isKept<P>({ responses, fields, route, demands }: Exchange<P>, start: Place): Promise<boolean> {
  let place = start;
  for (;;) {
    const found = await responses.find(place.key);
    if (found?.kind !== 'vary') return found !== undefined && isFresh(found, demands, responses.clock.now());
    place = variantOf(place, found, fields, route.normalise);
  }
}

/** Node fires a timer of more than 24 days at once. */
const longestTimer = 2 ** 31 - 1;

const loopback = { remoteAddress: '127.0.0.1', remotePort: 0, localAddress: '127.0.0.1', localPort: 0 };

type Headers = Readonly<Record<string, string>>;
type Absolute = WrittenUrl & { readonly authority: string };

function absolute(url: unknown): Absolute {
  const written = typeof url === 'string' ? parseWrittenUrl(url) : undefined;
  const { authority } = written ?? {};
  if (written !== undefined && authority !== undefined) return { ...written, authority };
  const sentence = `are absolute, since each host has its own responses: 'https://shop.example/products', not ${JSON.stringify(url)}`;
  throw invalid('warmResponses: urls', sentence);
}

function headersRule(value: unknown, where: string): Headers {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : undefined;
  if (entries?.every(([, field]) => typeof field === 'string') !== true) {
    throw invalid(where, "must be request fields, such as { 'accept-language': 'de' }");
  }
  return Object.fromEntries(entries.map(([name, field]) => [name.toLowerCase(), field as string]));
}

function signalRule(value: unknown, where: string): AbortSignal {
  if (value instanceof AbortSignal) return value;
  throw invalid(where, 'must be an AbortSignal, such as AbortSignal.timeout(60_000)');
}
