import { cacheAside, type CacheOptions, memoryStore } from '@cache/core';
import { redisBus, redisStore } from '@cache/core/redis';
import { inRounds, median, ratio } from '../measure/rounds.ts';
import type { Peers } from '../peers/install.ts';
import { hot, opened, popular, reading } from '../readers/opened.ts';
import { hour, type OpenReader, type Reader, room } from '../readers/reader.ts';
import { closing, deadline } from '../readers/redis/ours.ts';
import { inBatches } from '../readers/redis/remote.ts';
import type { Site } from '../readers/redis/site.ts';
import { plainValue } from '../readers/values.ts';
import type { Goal, Table } from '../runner/benchmark.ts';

const one = 'memory';
const two = 'memory before Redis, with a bus';

/** A hit in memory, with Redis behind it and without. */
export async function* twoTiers(peers: Peers, site: Site): AsyncIterable<Table | Goal> {
  const { url } = site;
  const tiers = [memoryStore({ maxEntries: room }), redisStore({ url, deadline })];
  const openers = [
    inMemory(site, one, { tiers: [memoryStore({ maxEntries: room })] }),
    // While hits are measured nothing else has its turn, and the bus is not heard: memory is to be believed all the same.
    inMemory(site, two, { tiers, bus: redisBus({ url }), maxLocalStaleness: '1m' }),
  ];
  const readers = await opened(openers, plainValue, peers);
  const hotKey = await inRounds(
    readers.map((reader) => reading(reader, hot)),
    { rounds: 121 },
  );
  const zipfian = await inRounds(
    readers.map((reader) => reading(reader, popular)),
    { rounds: 121 },
  );
  for (const reader of readers) {
    reader.checkHits();
    if (reader.leftMemory() > 0) throw new Error(`${reader.name} was asked beyond memory ${reader.leftMemory()} times`);
  }

  const columns = ['hot key', 'Zipf'].flatMap((keys) => [
    { name: `ns, ${keys}` },
    { name: `× ${one}, ${keys}`, digits: 2 },
  ]);
  const rows = readers.map(({ name }) => ({
    name,
    cells: [hotKey, zipfian].flatMap((rounds) => [median(rounds.get(name)!), ratio(rounds, name, one)]),
  }));
  yield { title: 'A hit in memory, awaited, with Redis behind it', columns, rows };
  for (const [rounds, keys] of [[hotKey, 'hot key'] as const, [zipfian, 'Zipf'] as const]) {
    yield { subject: `${two}, ${keys}`, side: '≤', bound: 1.5, of: `× ${one}`, measured: ratio(rounds, two, one) };
  }
}

interface MemoryReader extends Reader {
  /** How many reads memory could not answer since the fill. */
  readonly leftMemory: () => number;
}

function inMemory(site: Site, name: string, options: CacheOptions): OpenReader<MemoryReader> {
  return async (load) => {
    const cache = closing(site, name, options);
    // What memory keeps before changes are heard of, it believes for a second only.
    const heard =
      options.bus === undefined ? undefined : new Promise<void>((resolve) => cache.on('busUp', () => resolve()));
    const values = cache.resource('value', cacheAside<string, unknown>({ load, ttl: hour }));
    await heard;
    let reads = 0;
    let filled = 0;
    return {
      name,
      get: (key) => values.get(key),
      async read(keys) {
        reads += keys.length;
        for (const key of keys) await values.get(key);
      },
      async fill(keys) {
        // Once more, which waits until Redis has them all: its replies would not be heard while hits are measured.
        for (const batch of inBatches([...keys, ...keys])) await Promise.all(batch.map((key) => values.get(key)));
        filled = values.stats().hits.memory.fresh;
      },
      leftMemory: () => reads + filled - values.stats().hits.memory.fresh,
    };
  };
}
