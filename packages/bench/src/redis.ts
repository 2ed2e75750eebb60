import { startRedis } from '@cache/servers';
import { Site } from './readers/redis/site.ts';
import { peerNames } from './redis/contestants.ts';
import { inFlight } from './redis/in-flight.ts';
import { oneByOne } from './redis/one-by-one.ts';
import { twoTiers } from './redis/two-tiers.ts';
import type { Benchmark } from './runner/benchmark.ts';

/** A hit in Redis, and what Redis behind memory costs a hit in memory. */
export const benchmark: Benchmark = {
  peers: peerNames,
  async *run(peers) {
    const site = new Site(await startRedis());
    try {
      for (const part of [inFlight, oneByOne, twoTiers]) {
        yield* part(peers, site);
        await site.clear();
      }
    } finally {
      await site.close();
    }
  },
};
