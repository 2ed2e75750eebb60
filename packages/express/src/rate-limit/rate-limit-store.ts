import { type Cache, type Counters, identifier, parseOptions, type Quota, required, withDefault } from '@cache/core';
import type { ClientRateLimitInfo, Options, Store } from 'express-rate-limit';
import { cacheRule } from '../option-rules.ts';
import { unavailable } from '../unavailable.ts';
import { algorithmRule, onOutageRule } from './rules.ts';

export interface RateLimitStoreOptions {
  /** Whose shared tier counts, for all processes; without a shared tier this process counts alone. */
  cache: Cache;
  /** Tells this limit from others in the same cache: `'login'`. Limiters that are to count together have the same. */
  name: string;
  /**
   * `fixed`: all hits of a window are forgotten at its end, so that up to twice the limit may pass within one window's
   * length. `sliding`: each hit is forgotten by itself, after the window and at most a sixteenth of it more, so that
   * never more than the limit pass in any span of the window's length. Hits that are refused count too, as
   * express-rate-limit has it: who goes on knocking stays out. Default `'fixed'`.
   */
  algorithm?: 'fixed' | 'sliding';
  /**
   * What becomes of requests while the shared tier does not answer, after its deadline or at once: they pass (`open`),
   * are answered by 503 (`closed`), or are counted in each process alone (`local`), which the event `uncounted` of the
   * cache tells. Default `'local'`.
   */
  onOutage?: 'open' | 'closed' | 'local';
}

/**
 * A store for express-rate-limit. Each hit is one atomic step in one round trip, by the store's own clock; from however
 * many processes, exactly as many pass as the limit says.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`.
 */
export function rateLimitStore(options: RateLimitStoreOptions): RateLimitStore {
  const { cache, name, algorithm, onOutage } = parseOptions('rateLimitStore', options, {
    cache: cacheRule,
    name: required(identifier, "name: 'login'"),
    algorithm: withDefault(algorithmRule, 'fixed'),
    onOutage: withDefault(onOutageRule, 'local'),
  });
  return new CacheRateLimitStore(cache, name, algorithm, cache.counters(name, { onOutage }));
}

/** A store for express-rate-limit that has all of its optional methods too, and whose answers are promises. */
export interface RateLimitStore extends Store {
  readonly prefix: string;
  readonly localKeys: boolean;
  init(options: Options): void;
  get(key: string): Promise<ClientRateLimitInfo | undefined>;
  increment(key: string): Promise<ClientRateLimitInfo>;
  decrement(key: string): Promise<void>;
  resetKey(key: string): Promise<void>;
  resetAll(): Promise<void>;
  shutdown(): void;
}

class CacheRateLimitStore implements RateLimitStore {
  /** By this the library tells whether one request is counted twice. */
  readonly prefix: string;
  readonly localKeys: boolean;
  readonly #counters: Counters;
  #quota: Quota;

  constructor(cache: Cache, name: string, algorithm: Quota['algorithm'], counters: Counters) {
    this.prefix = `${cache.namespace}:${name}:`;
    this.localKeys = cache.health().shared === undefined;
    this.#counters = counters;
    // Of no length until the library tells: then it is refused.
    this.#quota = { key: 'hits', window: 0, algorithm, limit: Infinity, countRefused: true };
  }

  init({ windowMs, limit }: Options): void {
    // A limit that depends on the request is not known here, and only needed to say when there is room again.
    const known = typeof limit === 'number' && limit >= 0 ? limit : Infinity;
    this.#quota = { ...this.#quota, window: Math.ceil(windowMs), limit: known };
  }

  async get(key: string): Promise<ClientRateLimitInfo | undefined> {
    const { hits, resetIn } = await this.#counters.look(key, this.#quota);
    return hits === 0 ? undefined : { totalHits: hits, resetTime: inTime(resetIn) };
  }

  async increment(key: string): Promise<ClientRateLimitInfo> {
    try {
      const { usages } = await this.#counters.hit(key, [this.#quota]);
      const { hits, resetIn } = usages[0]!;
      return { totalHits: hits, resetTime: inTime(resetIn) };
    } catch (error) {
      throw unavailable(error);
    }
  }

  decrement(key: string): Promise<void> {
    return this.#counters.giveBack(key, this.#quota);
  }

  resetKey(key: string): Promise<void> {
    return this.#counters.reset(key, this.#quota);
  }

  /** It looks at every key of the store: for administration, not for each request. */
  resetAll(): Promise<void> {
    return this.#counters.clear();
  }

  /** Does nothing: what counts ends with the cache. */
  shutdown(): void {}
}

function inTime(ms: number): Date {
  return new Date(Date.now() + ms);
}
