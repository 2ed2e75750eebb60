import { createCache } from '@cache/core';
import { redisStore } from '@cache/core/redis';
import type { Options } from 'express-rate-limit';
import { rateLimitStore } from '../../src/rate-limit.ts';

/** One of many processes: hits one key a thousand times at once, and tells how many hits were within the limit. */
async function main(url: string, algorithm: string, limit: number): Promise<void> {
  const cache = createCache({ tiers: [redisStore({ url, deadline: '30s' })] });
  const store = rateLimitStore({ cache, name: 'exact', algorithm: algorithm as 'fixed', onOutage: 'closed' });
  await store.init({ windowMs: 600_000, limit } as Options);
  await cache.ready();
  process.send?.('ready');
  process.once('message', () => {
    const hits = Array.from({ length: 1_000 }, () => store.increment('k'));
    void Promise.all(hits).then(async (came) => {
      process.send?.(came.filter(({ totalHits }) => totalHits <= limit).length);
      await cache.close();
      process.disconnect?.();
    });
  });
}

const [url, algorithm, limit] = process.argv.slice(-3);
void main(url!, algorithm!, Number(limit));
