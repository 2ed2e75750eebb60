import { inRounds, median, ratio } from '../measure/rounds.ts';
import type { Peers } from '../peers/install.ts';
import { opened, popular, reading } from '../readers/opened.ts';
import { onIoredis, onNodeRedis } from '../readers/redis/ours.ts';
import { rawIoredis, rawNodeRedis } from '../readers/redis/raw.ts';
import type { Site } from '../readers/redis/site.ts';
import { plainValue } from '../readers/values.ts';
import type { Goal, Table } from '../runner/benchmark.ts';

const pairs = [
  ['resource.get', 'node-redis, GET'],
  ['resource.get on ioredis', 'ioredis, GET'],
] as const;

/** One get after the other: what a single request waits for. */
export async function* oneByOne(peers: Peers, site: Site): AsyncIterable<Table | Goal> {
  const openers = [rawNodeRedis, onNodeRedis, rawIoredis, onIoredis].map((open) => open(site));
  const readers = await opened(openers, plainValue, peers);
  const rounds = await inRounds(
    readers.map((reader) => reading(reader, popular)),
    { rounds: 121, turnMs: 20 },
  );
  for (const reader of readers) reader.checkHits();

  const columns = [{ name: 'µs a read', digits: 1 }, ...pairs.map(([, raw]) => ({ name: `× ${raw}`, digits: 2 }))];
  const rows = readers.map(({ name }) => {
    const times = pairs.map(([, raw]) => ratio(rounds, name, raw));
    return { name, cells: [median(rounds.get(name)!) / 1e3, ...times] };
  });
  yield { title: 'A hit in Redis, one after the other: 1 KB of JSON, parsed', columns, rows };
  for (const [subject, raw] of pairs) {
    const measured = ratio(rounds, subject, raw);
    yield { subject: `${subject}, one by one`, side: '≤', bound: 1.1, of: `× ${raw}`, measured };
  }
}
