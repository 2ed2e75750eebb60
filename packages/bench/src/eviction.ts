import { cost } from './eviction/cost.ts';
import { hitRatios } from './eviction/hit-ratios.ts';
import { memory } from './eviction/memory.ts';
import { byDefault, leastRecentlyUsed, lruCache, sieve } from './eviction/policy.ts';
import type { Benchmark } from './runner/benchmark.ts';

/** Which entries a full memory store gives up, what choosing costs, and whether it stays as large as it is. */
export const benchmark: Benchmark = {
  peers: ['lru-cache', '@neophi/sieve-cache'],
  async *run(peers) {
    const policies = [byDefault, leastRecentlyUsed];
    if (peers.has('lru-cache')) policies.push(await lruCache(peers));
    if (peers.has('@neophi/sieve-cache')) policies.push(await sieve(peers));
    yield* hitRatios(policies);
    yield* cost(policies);
    yield* memory(policies);
  },
};
