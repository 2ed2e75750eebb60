import { randomUUID } from 'node:crypto';
import type { Cache } from '../cache.ts';
import { delay, systemClock } from '../model/clock.ts';
import type { ContractCase } from './contract.ts';

/** What only those who know the store behind the cache can do. */
export interface CacheContractOptions {
  /** Lets so many milliseconds pass, for the store. Default: waits for them. */
  readonly elapse?: (ms: number) => Promise<unknown>;
}

/** What one case is about: something of a cache, under a name that nobody else has. */
export interface CacheScene<T> {
  readonly subject: T;
  /** The same under another name. */
  readonly other: T;
  readonly elapse: (ms: number) => Promise<unknown>;
}

/** Cases by the sentences that they show to be true. */
export type CacheCases<T> = Readonly<Record<string, (scene: CacheScene<T>) => Promise<void>>>;

/**
 * Runs what depends on several calls being made within so many milliseconds; with more of them where a busy machine, or
 * a server far away, was too slow for that.
 */
export async function inTime(run: (ms: number) => Promise<void>): Promise<void> {
  for (const ms of [320, 1_600]) {
    try {
      return await run(ms);
    } catch {
      continue;
    }
  }
  return run(8_000);
}

/** The cases, each with a cache of its own, which is closed after it. */
export function overCaches<T>(
  make: () => Cache,
  subject: (cache: Cache, name: string) => T,
  cases: CacheCases<T>,
  { elapse = (ms) => delay(systemClock, ms) }: CacheContractOptions,
): ContractCase[] {
  return Object.entries(cases).map(([name, run]) => ({
    name,
    run: async () => {
      const cache = make();
      const some = `contract-${randomUUID()}`;
      try {
        await cache.ready();
        await run({ subject: subject(cache, some), other: subject(cache, `${some}-other`), elapse });
      } finally {
        await cache.close();
      }
    },
  }));
}
