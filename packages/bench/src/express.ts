import { largeBody } from './express/large-body.ts';
import { manyQueries } from './express/many-queries.ts';
import { throughput } from './express/throughput.ts';
import { peerNames } from './express/subjects.ts';
import type { Benchmark } from './runner/benchmark.ts';

/** Hits over HTTP beside other middlewares, a body that is too large to keep, and more URLs than memory has room for. */
export const benchmark: Benchmark = {
  peers: peerNames,
  async *run(peers) {
    yield* throughput(peers);
    yield* largeBody();
    yield* manyQueries();
  },
};
