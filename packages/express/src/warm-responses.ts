import { func, integer, invalid, optional, parseOptions, withDefault } from '@cache/core';
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
  /** Called after each URL. */
  onProgress?: (progress: WarmProgress) => void;
  /** Ends the wait: it rejects with the signal's reason, and begins no more requests. */
  signal?: AbortSignal;
}

/** How far it is. */
export interface WarmProgress {
  readonly done: number;
  readonly total: number;
  readonly last: WarmedUrl;
}

/** What became of one URL. */
export interface WarmedUrl {
  readonly url: string;
  /** Whether a request for it is answered from the cache now. */
  readonly stored: boolean;
  /** Of the answer; `undefined` where no cache had a part in the request, which was not answered then. */
  readonly status: number | undefined;
  /** What the cache said of it in Cache-Status: why it was not stored, perhaps. */
  readonly cacheStatus: string | undefined;
}

/**
 * Sends a made-up GET for each URL through the whole app, as if it came from the loopback address, so that its response is
 * in the cache before anybody asks. URLs are absolute, since hosts have their own responses; of what is fresh in the cache
 * nothing is asked. A handler that never answers keeps its place until `signal` ends the wait.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`, before anything is sent.
 */
export async function warmResponses(
  app: Application,
  urls: Iterable<string>,
  options?: WarmOptions,
): Promise<WarmedUrl[]> {
  const { concurrency, headers, onProgress, signal } = parseOptions('warmResponses', options ?? {}, {
    concurrency: withDefault(integer(1, 1_000), 8),
    headers: withDefault(headersRule, {}),
    onProgress: optional(func<NonNullable<WarmOptions['onProgress']>>()),
    signal: optional(signalRule),
  });
  const all = Array.from(urls, (url) => ({ url, written: absolute(url) }));
  const warmed: WarmedUrl[] = [];
  let begun = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    while (begun < all.length) {
      signal?.throwIfAborted();
      const at = begun;
      begun += 1;
      const { url, written } = all[at]!;
      const last: WarmedUrl = { url, ...(await warmOne(app, written, headers)) };
      warmed[at] = last;
      done += 1;
      if (signal?.aborted !== true) onProgress?.({ done, total: all.length, last });
    }
  };
  const working = Promise.all(Array.from({ length: Math.min(concurrency, all.length) }, work));
  await (signal === undefined ? working : Promise.race([working, aborted(signal, working)]));
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

function warmOne(app: Application, { scheme, authority, target }: Absolute, headers: Headers): Promise<Outcome> {
  return new Promise((resolve) => {
    const like = { ...loopback, encrypted: scheme === 'https' };
    const parts = { url: target, headers: { ...headers, host: authority }, like };
    let arrived = false;
    const nowhere = (): void => resolve({ stored: false, status: undefined, cacheStatus: undefined });
    const arrive = <P>(exchange?: Exchange<P>, key?: string): void => {
      arrived = true;
      if (exchange === undefined || key === undefined) nowhere();
      else void warmThere(exchange, placeOf(key)).then(resolve);
    };
    dispatch(app, parts, { arrive }, (response) => {
      if (!arrived) resolve({ stored: false, status: response.statusCode, cacheStatus: undefined });
    });
  });
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
  const status = res.getHeader('cache-status');
  return { stored, status: res.statusCode, cacheStatus: status === undefined ? undefined : String(status) };
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
