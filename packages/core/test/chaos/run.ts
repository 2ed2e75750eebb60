import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createCache, fileLedger, type LedgerBook } from '@cache/core';
import { redisLedger } from '@cache/core/redis';
import { type RedisServer, startProxy, startRedis, type TcpProxy, waitUntil } from '@cache/servers';
import { nativeSerializer } from '../../src/serializers/native-serializer.ts';
import { Payloads } from '../../src/engine/payload.ts';
import { systemClock } from '../../src/model/clock.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { check, type LedgerRest, type Verdict } from './checker.ts';
import { fileOf, Member } from './crew.ts';
import { History } from './history.ts';
import { resourcesOf } from './resources.ts';
import { type Change, setUp, stateOf } from './source.ts';

export interface RunOptions {
  /** How many accepted writes are enough. */
  readonly writes: number;
  /** Milliseconds after which it ends all the same. */
  readonly longest: number;
  /** How many are accepted between two blows, on average: a busy machine would else do nothing but begin what is killed at once. */
  readonly perBlow: number;
  readonly random: () => number;
}

export interface Outcome extends Verdict {
  /** What happened; `torn` are looks at the ledger that found a key both queued and in flight, or neither. */
  readonly blows: Readonly<Record<'kills' | 'freezes' | 'restarts' | 'dropped' | 'torn', number>>;
  /** For how many seconds it was written, and how many more it took to come to rest. */
  readonly seconds: { readonly writing: number; readonly settling: number };
  /** What the members complained of. */
  readonly said: string;
}

/** So few accepted writes show nothing. */
const least = 50;
/** For how many milliseconds more they are waited for. */
const patience = 120_000;
/** Milliseconds between two blows, on average; and the most that they are put off where hardly anything is written. */
const between = { ms: 275, longest: 3_000 };

/** What is tried: the ledger in Redis, ledgers in files, or the queue that many have written, to see that it shows. */
export type Subject = 'redis' | 'files' | 'queue';

/** Writers and flushers over one Redis and one Postgres; all but the latter are killed and frozen as they work. */
export async function chaos(subject: Subject, { writes, longest, perBlow, random }: RunOptions): Promise<Outcome> {
  const [redis, db, program] = await Promise.all([
    startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] }),
    startDatabase(),
    fileOf(subject === 'queue' ? 'queue' : 'worker'),
  ]);
  const proxy = await startProxy({ target: redis.port });
  const folder = temporaryFolder();
  await setUp(db.pool);
  const names = ['one', 'two', 'three'];
  const member = (role: 'writer' | 'flusher' | 'both', name: string): Member =>
    new Member(program, {
      role,
      name,
      redis: proxy.through(redis.url),
      postgres: db.server.url,
      history: join(folder, `${role}-${name}.history`),
      atOnce: 60,
      ...(role === 'both' ? { folder } : {}),
    });
  const roles = subject === 'files' ? (['both'] as const) : (['writer', 'flusher'] as const);
  const crew = names.flatMap((name) => roles.map((role) => member(role, name)));
  const histories = names.map((name) => new History(join(folder, `${roles[0]}-${name}.history`)));
  const accepted = (): number => histories.reduce((sum, each) => sum + each.accepted, 0);
  const progress = async (wanted: number): Promise<void> => {
    const [enough, end] = [accepted() + wanted, performance.now() + between.longest];
    for (const each of histories) each.readOn();
    while (accepted() < enough && performance.now() < end) {
      await delay(50);
      for (const each of histories) each.readOn();
    }
  };
  const blows = new Blows({ crew, redis, proxy, random });
  try {
    for (const each of crew) each.start();
    await waitUntil('all have begun', () => crew.every(({ isReady }) => isReady), 60_000);
    const begun = performance.now();
    const end = begun + longest;
    // On a machine so busy that hardly anything was written by then, for longer.
    const goesOn = (): boolean => performance.now() < end || (accepted() < least && performance.now() < end + patience);
    while (goesOn() && (blows.count % 8 !== 0 || accepted() < writes)) {
      await progress(perBlow * (0.5 + random()));
      await blows.next();
      if (subject === 'redis') blows.torn += await tornIn(redis.command, 'chaos:{values/0}', 'chaos:{counters/0}');
    }
    for (const each of crew) each.thaw();
    const ended = performance.now();
    await Promise.all(crew.filter(({ role }) => role !== 'flusher').map((each) => each.kill()));
    const rest =
      subject === 'files'
        ? await settleFiles(folder, names, db)
        : subject === 'queue'
          ? await settleQueue(redis)
          : await settle(redis.url);
    const said = crew.map((each) => each.said).join('');
    for (const each of histories) each.readOn();
    const seconds = { writing: (ended - begun) / 1_000, settling: (performance.now() - ended) / 1_000 };
    return {
      ...check(
        histories.flatMap(({ lines }) => lines),
        await stateOf(db.pool),
        rest,
      ),
      blows,
      seconds,
      said,
    };
  } finally {
    for (const each of crew) each.thaw();
    await Promise.all(crew.map((each) => each.kill()));
    await proxy.stop();
    await db.stop();
    await redis.stop();
  }
}

/** What happens to the processes and to Redis. */
class Blows {
  count = 0;
  kills = 0;
  freezes = 0;
  restarts = 0;
  dropped = 0;
  torn = 0;
  readonly #field: Field;

  constructor(field: Field) {
    this.#field = field;
  }

  async next(): Promise<void> {
    const { crew, redis, proxy, random } = this.#field;
    await delay(between.ms * (0.5 + random()));
    this.count += 1;
    // One that has hardly begun would be killed again and again before it does anything.
    const ready = crew.filter(({ isReady }) => isReady);
    const victim = ready[Math.floor(random() * ready.length)];
    const dice = random();
    if (this.count % 12 === 0) {
      this.restarts += 1;
      await redis.kill();
      await delay(100 + random() * 300);
      await redis.restart();
    } else if (dice < 0.2) {
      this.dropped += 1;
      proxy.dropReplies();
      await delay(30 + random() * 120);
      proxy.resume();
    } else if (victim === undefined) return;
    else if (dice < 0.65) {
      this.kills += 1;
      await victim.kill();
      victim.start();
    } else {
      this.freezes += 1;
      victim.freeze();
      // Longer than a lease, as often as not.
      setTimeout(() => victim.thaw(), 200 + random() * 3_000);
    }
  }
}

interface Field {
  readonly crew: readonly Member[];
  readonly redis: RedisServer;
  readonly proxy: TcpProxy;
  readonly random: () => number;
}

/** I2 and I5: every dirty key is queued or in flight, never both and never neither. */
const torn = `
local bad = 0
for _, stem in ipairs(KEYS) do
  local dirty = {}
  for _, hash in ipairs({ ':d', ':p' }) do
    for _, key in ipairs(redis.call('HKEYS', stem .. hash)) do dirty[key] = true end
  end
  local placed = 0
  for key in pairs(dirty) do
    local q, f = redis.call('ZSCORE', stem .. ':q', key), redis.call('ZSCORE', stem .. ':f', key)
    if (q and f) or (not q and not f) then bad = bad + 1 end
    placed = placed + 1
  end
  if placed ~= redis.call('ZCARD', stem .. ':q') + redis.call('ZCARD', stem .. ':f') then bad = bad + 1 end
end
return bad`;

async function tornIn(command: (...args: string[]) => Promise<string>, ...stems: string[]): Promise<number> {
  return Number(await command('EVAL', torn, String(stems.length), ...stems));
}

/** Waits until the flushers have brought all to the source, and tells what is left. */
async function settle(url: string): Promise<LedgerRest> {
  const told = { lost: () => undefined, report: () => undefined };
  const open = (resource: string): LedgerBook =>
    redisLedger({ url }).open({ namespace: 'chaos', resource, clock: systemClock, due: 50, max: 1e6, ...told });
  const books = [open('values'), open('counters')];
  try {
    const dirty = async (): Promise<number> =>
      (await Promise.all(books.map((book) => book.stats()))).reduce((sum, each) => sum + each.dirty, 0);
    await waitUntil('all is in the source', async () => (await dirty()) === 0, 120_000);
    const payloads = new Payloads(nativeSerializer);
    const dead = (await Promise.all(books.map((book) => book.dead(10_000))))
      .flat()
      .map(({ key, op, version, payload }) => ({
        key,
        version,
        ids: op === 'merge' ? (payloads.decode(payload) as Change).ids : [],
      }));
    return { dirty: await dirty(), dead };
  } finally {
    await Promise.all(books.map((book) => book.close()));
  }
}

/** What the journals of dead processes hold is brought to the source, by the next process. */
async function settleFiles(folder: string, names: readonly string[], db: Database): Promise<LedgerRest> {
  const cache = createCache({ namespace: 'chaos' });
  const dead: { key: string; version: number; ids: readonly string[] }[] = [];
  let dirty = 0;
  for (const name of names) {
    for (const resource of resourcesOf(cache, { folder, name, pool: db.pool, ledger: fileLedger({ folder }) })) {
      for (let attempt = 0; attempt < 20; attempt += 1) await resource.flush().catch(() => undefined);
      dirty += (await resource.backlog()).dirty;
      for (const { key, version, value } of await resource.listDead({ max: 10_000 })) {
        dead.push({ key, version, ids: (value as { ids?: string[] } | null)?.ids ?? [] });
      }
    }
  }
  await cache.close();
  return { dirty, dead };
}

async function settleQueue(redis: RedisServer): Promise<LedgerRest> {
  await waitUntil('the queue is empty', async () => (await redis.command('LLEN', 'queue')) === '0', 60_000);
  // What was popped last is on its way to the source.
  await delay(500);
  return { dirty: 0, dead: [] };
}
