import {
  createCache,
  type DirtyItem,
  memoryStore,
  postgresFence,
  type Query,
  writeBehind,
  writeThrough,
} from '@cache/core';
import { redisLedger } from '@cache/core/redis';
import { type RedisServer, startPostgres, startRedis } from '@cache/servers';
import pg from 'pg';
import { createClient } from 'redis';
import { inLanes } from './measure/lanes.ts';
import { seeded } from './measure/random.ts';
import { median } from './measure/rounds.ts';
import { zipf } from './measure/zipf.ts';
import type { Benchmark, Goal, Table } from './runner/benchmark.ts';

const keys = 10_000;
const atOnce = 50;
const behindAtOnce = 1_000;
const throughWrites = 3_000;
const behindWrites = 60_000;
const putWrites = 20_000;
const rounds = 5;

/** Writes of popular keys into Postgres: through, each by a statement of its own, and behind, in batches out of Redis. */
export const benchmark: Benchmark = {
  peers: [],
  async *run() {
    const redis = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'everysec'] });
    const postgres = await startPostgres({ durable: true });
    const pool = new pg.Pool({ connectionString: postgres.url, max: atOnce });
    try {
      yield* intoPostgres(redis, pool);
      yield* intoRedis(redis);
    } finally {
      await pool.end();
      await postgres.stop();
      await redis.stop();
    }
  },
};

async function* intoPostgres(redis: RedisServer, pool: pg.Pool): AsyncIterable<Table | Goal> {
  const query: Query = async (text, values) => (await pool.query(text, values)).rows as unknown[];
  await pool.query('create table views (page text primary key, count bigint)');
  const fence = postgresFence<number>({
    query,
    table: 'views',
    key: 'page',
    columns: { count: 'bigint' },
    row: (count) => ({ count }),
  });
  for (const text of fence.setUp) await pool.query(text);
  const cache = createCache({ namespace: 'bench', tiers: [memoryStore()] });
  const upsert =
    'insert into views (page, count) values ($1, $2) on conflict (page) do update set count = excluded.count';
  const through = cache.resource(
    'through',
    writeThrough<string, number>({ load: () => 0, save: (key, value) => pool.query(upsert, [key, value]) }),
  );
  let rows = 0;
  const behind = cache.resource(
    'behind',
    writeBehind<string, number>({
      load: () => 0,
      saveMany: (items: readonly DirtyItem<number>[]) => {
        rows += items.length;
        return fence.saveMany(items);
      },
      ledger: redisLedger({ url: redis.url, deadline: '5s' }),
      flush: { max: 500 },
    }),
  );
  const figures = { through: [] as number[], behind: [] as number[], ratio: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    const slow = await perSecond(throughWrites, atOnce, (key, at) => through.set(key, at));
    rows = 0;
    // What is behind counts until it is in Postgres.
    const fast = await perSecond(
      behindWrites,
      behindAtOnce,
      (key, at) => behind.set(key, at),
      () => behind.flush(),
    );
    // The first round is for the compiler.
    if (round === 0) continue;
    figures.through.push(slow);
    figures.behind.push(fast);
    figures.ratio.push(fast / slow);
  }
  await cache.close();
  const ratio = median(figures.ratio);
  yield {
    title: `Writes per second into Postgres, of ${keys} keys by Zipf's law`,
    columns: [{ name: 'writes/s' }, { name: 'rows per write', digits: 2 }],
    rows: [
      { name: `write-through, ${atOnce} at once`, cells: [median(figures.through), 1] },
      {
        name: `write-behind, ${behindAtOnce} at once, batches of 500`,
        cells: [median(figures.behind), rows / behindWrites],
      },
    ],
    notes: ['until all is in Postgres, whose commits wait for the disk; Redis has appendfsync everysec'],
  };
  yield { subject: 'write-behind', side: '≥', bound: 10, of: '× write-through', measured: ratio };
}

async function* intoRedis(redis: RedisServer): AsyncIterable<Table | Goal> {
  const client = createClient({ url: redis.url });
  await client.connect();
  const cache = createCache({ namespace: 'puts', tiers: [memoryStore()] });
  const ledger = redisLedger({ url: redis.url, deadline: '5s' });
  const flush = { after: '1h', max: 100_000, inProcess: false } as const;
  const views = cache.resource(
    'views',
    writeBehind<string, number>({ load: () => 0, saveMany: async () => undefined, ledger, flush }),
  );
  const before = await memoryOf(redis);
  const distinct = 5_000;
  for (let at = 0; at < distinct; at += 500) {
    await Promise.all(Array.from({ length: 500 }, (_, each) => views.set(`bytes ${at + each}`, at)));
  }
  const bytes = ((await memoryOf(redis)) - before) / distinct;
  const calls = await callsOf(redis);
  const figures = { set: [] as number[], put: [] as number[], ratio: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    const set = await perSecond(putWrites, 200, (key, at) => client.set(`plain:${key}`, String(at)));
    const put = await perSecond(putWrites, 200, (key, at) => views.set(key, at));
    if (round === 0) continue;
    figures.set.push(set);
    figures.put.push(put);
    figures.ratio.push(put / set);
  }
  const trips = ((await callsOf(redis)) - calls) / (putWrites * (rounds + 1));
  client.destroy();
  await cache.close({ timeout: 0 });
  yield {
    title: 'Writes accepted per second by Redis, 200 at once',
    columns: [{ name: 'writes/s' }, { name: 'commands per write', digits: 2 }, { name: 'bytes per dirty key' }],
    rows: [
      { name: 'SET by node-redis', cells: [median(figures.set), 1, undefined] },
      { name: 'set of write-behind', cells: [median(figures.put), trips, bytes] },
    ],
  };
  yield { subject: 'set of write-behind', side: '≥', bound: 0.4, of: '× plain SET', measured: median(figures.ratio) };
  yield { subject: 'set of write-behind', side: '≤', bound: 1, of: 'command', measured: Math.round(trips * 100) / 100 };
}

/** How many writes a second are done, so many at once; `end` counts as well. */
async function perSecond(
  count: number,
  lanes: number,
  write: (key: string, at: number) => Promise<unknown>,
  end: () => Promise<void> = async () => undefined,
): Promise<number> {
  const draw = zipf(keys, 0.99, seeded(1));
  const begun = performance.now();
  await inLanes(count, lanes, (at) => write(`page ${draw()}`, at + 1));
  await end();
  return (count * 1_000) / (performance.now() - begun);
}

async function memoryOf(redis: RedisServer): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await redis.command('INFO', 'memory'))?.[1]);
}

async function callsOf(redis: RedisServer): Promise<number> {
  return Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.command('INFO', 'commandstats'))?.[1] ?? 0);
}
