import { inRounds, median, ratio } from '../measure/rounds.ts';
import type { Peers } from '../peers/install.ts';
import { cacheManagerCopying } from '../readers/cache-manager.ts';
import { cacheable } from '../readers/cacheable.ts';
import { copyByHand } from '../readers/copy-by-hand.ts';
import { copying } from '../readers/limit.ts';
import { hot, keys, opened, popular, reading } from '../readers/opened.ts';
import { resource } from '../readers/ours.ts';
import { isRich, richValue } from '../readers/values.ts';
import type { Goal, Table } from '../runner/benchmark.ts';

const limits = [
  copying('the limit: copied by hand', copyByHand),
  copying('copied by structuredClone', (value) => structuredClone(value)),
];
const subject = 'resource.get, copying';

/** An awaited hit that gives everyone a copy of their own, of a value with a Date and a Map. */
export async function* ownCopy(peers: Peers): AsyncIterable<Table | Goal> {
  const theirs = [cacheable, cacheManagerCopying].filter(({ peer }) => peers.has(peer)).map(({ open }) => open);
  const own = [resource(subject), resource("resource.get, isolation: 'clone'", { isolation: 'clone' })];
  const readers = await opened([...limits, ...own, ...theirs], richValue, peers);
  for (const { name, get } of readers) {
    const [one, other] = [await get(keys[0]!), await get(keys[0]!)];
    if (one === other || !isRich(one)) throw new Error(`${name} gives no copy that has its Date and Map`);
  }
  const hotKey = await inRounds(readers.map((reader) => reading(reader, hot)));
  const zipfian = await inRounds(readers.map((reader) => reading(reader, popular)));
  for (const reader of readers) reader.checkHits();

  const columns = ['hot key', 'Zipf'].flatMap((keys) => [
    { name: `ns, ${keys}` },
    { name: `× ours, ${keys}`, digits: 2 },
  ]);
  const rows = readers.map(({ name }) => ({
    name,
    cells: [hotKey, zipfian].flatMap((rounds) => [median(rounds.get(name)!), ratio(rounds, name, subject)]),
  }));
  const notes = ['keyv and bentocache copy through JSON, which has neither Date nor Map'];
  yield { title: 'The same with a copy for each: 1 KB with a Date and a Map', columns, rows, notes };
  const measured = ratio(hotKey, 'cacheable', subject);
  yield { subject: 'cacheable, hot key', side: '≥', bound: 7, of: '× ours', measured };
}
