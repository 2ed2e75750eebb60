import { allocationNote, bytesPerOperation } from '../measure/allocation.ts';
import { inRounds, median, ratio, type Rounds } from '../measure/rounds.ts';
import type { Peers } from '../peers/install.ts';
import { bentocache, bentocacheUnserialized } from '../readers/bentocache.ts';
import { cacheManager } from '../readers/cache-manager.ts';
import { cacheable } from '../readers/cacheable.ts';
import { keyv } from '../readers/keyv.ts';
import { layeredLoader } from '../readers/layered-loader.ts';
import { floor, limit } from '../readers/limit.ts';
import { lruCache } from '../readers/lru-cache.ts';
import { hot, opened, popular, reading } from '../readers/opened.ts';
import { getOrSet, resource } from '../readers/ours.ts';
import { plainValue } from '../readers/values.ts';
import type { Goal, Table } from '../runner/benchmark.ts';

const theirs = [lruCache, layeredLoader, cacheManager, bentocacheUnserialized, bentocache, cacheable, keyv];

/** An awaited hit that gives everyone the same value. */
export async function* sameValue(peers: Peers): AsyncIterable<Table | Goal> {
  const present = theirs.filter(({ peer }) => peers.has(peer)).map(({ open }) => open);
  const readers = await opened([limit, floor, resource('resource.get'), getOrSet, ...present], plainValue, peers);
  const hotKey = await inRounds(readers.map((reader) => reading(reader, hot)));
  const zipfian = await inRounds(readers.map((reader) => reading(reader, popular)));
  const bytes = new Map<string, number>();
  for (const reader of readers) bytes.set(reader.name, await bytesPerOperation(reading(reader, popular)));
  for (const reader of readers) reader.checkHits();

  const columns = [
    { name: 'ns, hot key' },
    { name: '× limit', digits: 2 },
    { name: 'ns, Zipf' },
    { name: '× limit, Zipf', digits: 2 },
    { name: 'B/op' },
  ];
  const rows = readers.map(({ name }) => {
    const figures = [hotKey, zipfian].flatMap((rounds) => [
      median(rounds.get(name)!),
      ratio(rounds, name, 'the limit'),
    ]);
    return { name, cells: [...figures, bytes.get(name)] };
  });
  const notes = [
    'Zipf: 10 000 keys, skew 0.99',
    allocationNote,
    'cacheable copies at each hit, whatever it is told; bentocache parses JSON, unless it is told not to',
  ];
  yield { title: 'A hit in memory, awaited: 1 KB of JSON, the same value for all', columns, rows, notes };
  yield* goals(hotKey, zipfian, bytes.get('resource.get'));
}

/** How many times as long as `resource.get` they take; of the one that copies nothing the limit itself is about 40 times as fast. */
const peerGoals = [
  ['cache-manager', 7],
  ['bentocache', 50],
  ['bentocache, serialize: false', 30],
] as const;

function* goals(hotKey: Rounds, zipfian: Rounds, bytes: number | undefined): Iterable<Goal> {
  for (const name of ['resource.get', 'cache.getOrSet']) {
    for (const [rounds, keys] of [[hotKey, 'hot key'] as const, [zipfian, 'Zipf'] as const]) {
      const measured = ratio(rounds, name, 'the limit');
      yield { subject: `${name}, ${keys}`, side: '≤', bound: 1.3, of: '× the limit', measured };
    }
  }
  for (const [name, bound] of peerGoals) {
    const measured = ratio(hotKey, name, 'resource.get');
    yield { subject: `${name}, hot key`, side: '≥', bound, of: '× resource.get', measured };
  }
  yield { subject: 'resource.get allocates', side: '≤', bound: 310, of: 'B/op', measured: bytes };
}
