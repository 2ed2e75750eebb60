import { createCache } from '@cache/core';
import { redisStore } from '@cache/core/redis';
import type { Options } from 'express-rate-limit';
import { rateLimitStore } from '../../src/rate-limit.ts';

/** What a test tells this process to count. */
export interface Round {
  readonly algorithm: 'fixed' | 'sliding';
  readonly limit: number;
}

/** One of many processes: hits one key a thousand times at once, whenever it is told to, and tells how many hits were within the limit. */
async function main(url: string): Promise<void> {
  const cache = createCache({ tiers: [redisStore({ url, deadline: '30s' })] });
  const count = async ({ algorithm, limit }: Round): Promise<number> => {
    const store = rateLimitStore({ cache, name: 'exact', algorithm, onOutage: 'closed' });
    store.init({ windowMs: 600_000, limit } as Options);
    const came = await Promise.all(Array.from({ length: 1_000 }, () => store.increment('k')));
    return came.filter(({ totalHits }) => totalHits <= limit).length;
  };
  await cache.ready();
  process.send?.('ready');
  process.on('message', (round: Round) => void count(round).then((passed) => process.send?.(passed)));
  // What closing the cache leaves would keep the process alive.
  process.once('disconnect', () => void cache.close());
}

void main(process.argv.at(-1)!);
