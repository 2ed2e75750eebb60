import { memoryStore } from '@cache/core';
import { SharedStoreModel } from '@cache/core/testing';
import { inRounds, median, ratio } from '../measure/rounds.ts';
import type { Peers } from '../peers/install.ts';
import { hot, opened, reading } from '../readers/opened.ts';
import { resource } from '../readers/ours.ts';
import { hour, room } from '../readers/reader.ts';
import { plainValue } from '../readers/values.ts';
import type { Goal, Table } from '../runner/benchmark.ts';

const plain = 'one tier';
const options = { staleWhileRevalidate: '1m', grace: '1h', refreshAhead: true, maxIdle: '30m' } as const;
const all = 'stale values, grace, refresh-ahead, idle time';
const twoTier = 'memory before a shared store';

/** What a hit pays for things that it has no need of. */
export async function* featuresOff(peers: Peers): AsyncIterable<Table | Goal> {
  const tiers = [memoryStore({ maxEntries: room }), new SharedStoreModel().store()];
  const openers = [
    resource(plain),
    resource('stale values and grace', { staleWhileRevalidate: options.staleWhileRevalidate, grace: options.grace }),
    resource('refresh-ahead', { refreshAhead: options.refreshAhead }),
    resource('idle time', { maxIdle: options.maxIdle }),
    resource(all, options),
    resource(twoTier, {}, { tiers, maxLocalStaleness: hour }),
  ];
  const readers = await opened(openers, plainValue, peers);
  const rounds = await inRounds(
    readers.map((reader) => reading(reader, hot)),
    { rounds: 121 },
  );
  for (const reader of readers) reader.checkHits();

  const columns = [{ name: 'ns, hot key' }, { name: `× ${plain}`, digits: 2 }];
  const rows = readers.map(({ name }) => ({ name, cells: [median(rounds.get(name)!), ratio(rounds, name, plain)] }));
  yield { title: 'What is there, but not needed by a hit', columns, rows };
  yield { subject: twoTier, side: '≤', bound: 1.5, of: `× ${plain}`, measured: ratio(rounds, twoTier, plain) };
}
