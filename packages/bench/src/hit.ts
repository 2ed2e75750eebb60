import { decorated } from './hit/decorated.ts';
import { featuresOff } from './hit/features-off.ts';
import { notAwaited } from './hit/not-awaited.ts';
import { ownCopy } from './hit/own-copy.ts';
import { sameValue } from './hit/same-value.ts';
import type { Benchmark } from './runner/benchmark.ts';

/** A hit in memory, and what it allocates. */
export const benchmark: Benchmark = {
  peers: ['lru-cache', 'layered-loader', 'cache-manager', 'bentocache', 'cacheable', 'keyv'],
  async *run(peers) {
    yield* sameValue(peers);
    yield* notAwaited(peers);
    yield* ownCopy(peers);
    yield* featuresOff(peers);
    yield* decorated(peers);
  },
};
