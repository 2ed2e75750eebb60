import { inRounds, median, ratio } from '../measure/rounds.ts';
import type { Peers } from '../peers/install.ts';
import { lruCacheBare } from '../readers/lru-cache.ts';
import { hot, opened, popular, reading } from '../readers/opened.ts';
import { peekLocal } from '../readers/ours.ts';
import { plainValue } from '../readers/values.ts';
import type { Goal, Table } from '../runner/benchmark.ts';

const subject = 'resource.peekLocal';
const peer = 'lru-cache.get';

/** A look into memory that awaits nothing. */
export async function* notAwaited(peers: Peers): AsyncIterable<Table | Goal> {
  const theirs = peers.has(lruCacheBare.peer) ? [lruCacheBare.open] : [];
  const readers = await opened([peekLocal, ...theirs], plainValue, peers);
  const hotKey = await inRounds(readers.map((reader) => reading(reader, hot)));
  const zipfian = await inRounds(readers.map((reader) => reading(reader, popular)));
  for (const reader of readers) reader.checkHits();

  const columns = ['hot key', 'Zipf'].flatMap((keys) => [
    { name: `ns, ${keys}` },
    { name: `× ${peer}, ${keys}`, digits: 2 },
  ]);
  const rows = readers.map(({ name }) => ({
    name,
    cells: [hotKey, zipfian].flatMap((rounds) => [median(rounds.get(name)!), ratio(rounds, name, peer)]),
  }));
  yield { title: 'A look into memory, not awaited', columns, rows };
  for (const [rounds, keys] of [[hotKey, 'hot key'] as const, [zipfian, 'Zipf'] as const]) {
    const measured = ratio(rounds, subject, peer);
    yield { subject: `${subject}, ${keys}`, side: '≤', bound: 2, of: `× ${peer}`, measured };
  }
}
