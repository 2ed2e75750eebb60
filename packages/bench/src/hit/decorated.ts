import { inRounds, median, ratio } from '../measure/rounds.ts';
import type { Peers } from '../peers/install.ts';
import { byAllArguments, byKey, inClass } from '../readers/decorated.ts';
import { hot, opened, popular, reading } from '../readers/opened.ts';
import { resource } from '../readers/ours.ts';
import { plainValue } from '../readers/values.ts';
import type { Goal, Table } from '../runner/benchmark.ts';

const plain = 'resource.get';

/** What a hit pays for being a call of a decorated method. */
export async function* decorated(peers: Peers): AsyncIterable<Table | Goal> {
  const readers = await opened([resource(plain), byKey, inClass, byAllArguments], plainValue, peers);
  const hotKey = await inRounds(
    readers.map((reader) => reading(reader, hot)),
    { rounds: 121 },
  );
  const zipfian = await inRounds(readers.map((reader) => reading(reader, popular)));
  for (const reader of readers) reader.checkHits();

  const columns = ['hot key', 'Zipf'].flatMap((keys) => [
    { name: `ns, ${keys}` },
    { name: `× ${plain}, ${keys}`, digits: 2 },
  ]);
  const rows = readers.map(({ name }) => ({
    name,
    cells: [hotKey, zipfian].flatMap((rounds) => [median(rounds.get(name)!), ratio(rounds, name, plain)]),
  }));
  yield { title: 'A hit of a decorated method, awaited', columns, rows };
  for (const name of ['@Cached({ key })', '@Cached({ key }), cache of @CacheResource']) {
    yield { subject: `${name}, hot key`, side: '≤', bound: 2, of: `× ${plain}`, measured: ratio(hotKey, name, plain) };
  }
}
