import { setTimeout } from 'node:timers/promises';
import { median } from './measure/rounds.ts';
import { bentocache } from './readers/bentocache.ts';
import { cacheManager } from './readers/cache-manager.ts';
import { cacheable } from './readers/cacheable.ts';
import { layeredLoader } from './readers/layered-loader.ts';
import { limit } from './readers/limit.ts';
import { getOrSet, resource } from './readers/ours.ts';
import type { Reader } from './readers/reader.ts';
import { plainValue } from './readers/values.ts';
import type { Benchmark } from './runner/benchmark.ts';

const waiters = 10_000;
const loadMs = 50;
const rounds = 21;

const ours = ['resource.get', 'cache.getOrSet'];
const theirs = [layeredLoader, cacheManager, bentocache, cacheable];

/** Ten thousand callers of one key that is not cached, while it is loaded. */
export const benchmark: Benchmark = {
  peers: ['layered-loader', 'cache-manager', 'bentocache', 'cacheable'],
  async *run(peers) {
    const loads = { count: 0 };
    const load = async (): Promise<unknown> => {
      loads.count += 1;
      await setTimeout(loadMs);
      return plainValue(1);
    };
    const present = theirs.filter(({ peer }) => peers.has(peer)).map(({ open }) => open);
    const openers = [limit, resource('resource.get'), getOrSet, ...present];
    const readers = await Promise.all(openers.map(async (open) => open(load, peers)));

    const figures = new Map(readers.map((reader) => [reader, { added: [] as number[], loads: [] as number[] }]));
    // The first round is for the compiler.
    for (let round = 0; round <= rounds; round += 1) {
      for (let place = 0; place < readers.length; place += 1) {
        const reader = readers[(place + round) % readers.length]!;
        loads.count = 0;
        const added = await stampede(reader, `key ${round}`);
        if (round === 0) continue;
        figures.get(reader)!.added.push(added);
        figures.get(reader)!.loads.push(loads.count);
      }
    }

    const rows = [...figures].map(([{ name }, { added, loads }]) => ({
      name,
      cells: [median(added), Math.max(...added), Math.max(...loads)],
    }));
    yield {
      title: `${waiters} callers of one key, whose load takes ${loadMs} ms`,
      columns: [{ name: 'ms added', digits: 1 }, { name: 'at most', digits: 1 }, { name: 'loads' }],
      rows,
      notes: [`ms added: from the first call until the last has its answer, without the ${loadMs} ms`],
    };
    for (const { name, cells } of rows.filter(({ name }) => ours.includes(name))) {
      yield { subject: `${name} adds`, side: '≤', bound: 10, of: 'ms', measured: cells[0] };
      yield { subject: `${name} makes`, side: '≤', bound: 1, of: 'load', measured: cells[2] };
    }
  },
};

/** How much longer than the load it takes until all have their answer, in milliseconds. */
async function stampede({ get }: Reader, key: string): Promise<number> {
  // Not after a forced collection: that shrinks the space for young objects, and all that wait are young.
  const begun = performance.now();
  await Promise.all(Array.from({ length: waiters }, () => get(key)));
  return performance.now() - begun - loadMs;
}
