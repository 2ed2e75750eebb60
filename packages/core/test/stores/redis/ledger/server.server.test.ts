import { randomUUID } from 'node:crypto';
import { afterEach, expect, test } from '@jest/globals';
import { type CacheError, createCache, DurabilityError, type LedgerBook, memoryStore, writeBehind } from '@cache/core';
import { redisLedger, type RedisLedgerOptions } from '@cache/core/redis';
import { type RedisServer, startProxy, startRedis, waitUntil } from '@cache/servers';
import { systemClock } from '../../../../src/model/clock.ts';
import { rejectionOf } from '../../../support/failure.ts';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function start(...args: string[]): Promise<RedisServer> {
  const redis = await startRedis({ args: ['--repl-diskless-sync-delay', '0', ...args] });
  stops.push(() => redis.stop());
  return redis;
}

const lost: string[] = [];

function open(
  options: RedisLedgerOptions,
  { namespace = `n${randomUUID().slice(0, 8)}`, max = 1_000 } = {},
): LedgerBook {
  const told = { lost: (reason: string) => lost.push(reason), report: () => undefined };
  const book = redisLedger(options).open({ namespace, resource: 'r', clock: systemClock, due: 0, max, ...told });
  stops.push(() => book.close());
  return book;
}

const put = (book: LedgerBook, key: string, text = 'x', more = {}) =>
  book.put({ key, op: 'save', payload: Buffer.from(text), ...more });

test('a server that evicts whatever it likes is refused, with what to set instead', async () => {
  const redis = await start('--maxmemory-policy', 'allkeys-lru');
  const error = await rejectionOf(put(open({ url: redis.url }), 'a'));
  expect(error.code).toBe('LEDGER_REFUSED');
  expect(error.message).toContain('set it to noeviction');
  await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
  expect((await put(open({ url: redis.url }), 'a')).state).toBe('accepted');
});

test('a replica is refused', async () => {
  const master = await start();
  const replica = await start('--replicaof', master.host, String(master.port));
  await waitUntil('it follows', async () => (await replica.command('INFO', 'replication')).includes('status:up'));
  const error = await rejectionOf(put(open({ url: replica.url }), 'a'));
  expect([error.code, error.message]).toEqual(['LEDGER_REFUSED', expect.stringContaining('replica')]);
});

test('another number of shards than there is is refused, with the number to write', async () => {
  const redis = await start();
  await put(open({ url: redis.url, shards: 3 }, { namespace: 'n' }), 'a');
  const error = await rejectionOf(put(open({ url: redis.url }, { namespace: 'n' }), 'a'));
  expect([error.code, error.message]).toEqual(['LEDGER_REFUSED', expect.stringContaining('shards: 3 already')]);
});

test('a server that is out of memory refuses a write whole, and what was accepted can still be written and settled', async () => {
  const redis = await start('--enable-debug-command', 'yes');
  const book = open({ url: redis.url });
  await put(book, 'a', 'before');
  await redis.command('CONFIG', 'SET', 'maxmemory', '1');
  const before = await redis.command('DEBUG', 'DIGEST');
  expect((await put(book, 'b')).state).toBe('full');
  expect((await put(book, 'a', 'after')).state).toBe('full');
  expect(await redis.command('DEBUG', 'DIGEST')).toBe(before);
  const { records } = await book.claim({ token: 't', max: 10, lease: 1_000, all: true });
  expect(records.map(({ payload }) => Buffer.from(payload).toString())).toEqual(['before']);
  expect(await book.extend('t', ['a'], 60_000)).toEqual(['a']);
  expect((await book.ack('t', [{ key: 'a', result: 'ok' }])).settled).toEqual(['clean']);
  await redis.command('CONFIG', 'SET', 'maxmemory', '0');
  expect((await put(book, 'b')).state).toBe('accepted');
});

test('a ledger that was deleted is told of', async () => {
  const redis = await start();
  const book = open({ url: redis.url });
  await put(book, 'a');
  lost.length = 0;
  await redis.command('FLUSHALL');
  await book.read(['a']);
  expect(lost).toHaveLength(1);
});

test('scripts that a server has forgotten are given to it once more', async () => {
  const redis = await start();
  const book = open({ url: redis.url });
  await put(book, 'a');
  await redis.command('SCRIPT', 'FLUSH');
  expect((await put(book, 'a', 'again')).state).toBe('accepted');
});

test('more keys than Lua can hand to one command are read and settled at once', async () => {
  const redis = await start();
  const book = open({ url: redis.url }, { max: 100_000 });
  const keys = Array.from({ length: 9_000 }, (_, at) => `k${at}`);
  await Promise.all(keys.map((key) => put(book, key)));
  expect((await book.read(keys)).every((each) => each?.newest !== undefined)).toBe(true);
  const { records } = await book.claim({ token: 't', max: 10_000, lease: 60_000, all: true });
  expect(records).toHaveLength(9_000);
  expect(await book.extend('t', keys, 60_000)).toHaveLength(9_000);
  const { settled, dirty } = await book.ack('t', keys.map((key) => ({ key, result: 'ok' }))); // prettier-ignore
  expect([new Set(settled), dirty]).toEqual([new Set(['clean']), 0]);
}, 30_000);

test('writes of one turn are one call, each with an outcome of its own', async () => {
  const redis = await start();
  const book = open({ url: redis.url }, { max: 3 });
  await put(book, 'a', 'first');
  const calls = async (): Promise<number> =>
    Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.command('INFO', 'commandstats'))?.[1] ?? 0);
  const before = await calls();
  const replies = await Promise.all([
    put(book, 'a', 'second', { given: 0 }),
    put(book, 'b'),
    put(book, 'b', 'newer', { op: 'remove' }),
    put(book, 'c', 'x', { operation: 'op' }),
    put(book, 'c', 'x', { operation: 'op' }),
    put(book, 'd'),
  ]);
  expect((await calls()) - before).toBe(1);
  expect(replies.map(({ state }) => state)).toEqual([
    'changed',
    'accepted',
    'accepted',
    'accepted',
    'accepted',
    'full',
  ]);
  expect((await book.read(['a', 'b', 'c', 'd'])).map((each) => each?.newest?.op)).toEqual(['save', 'remove', 'save', undefined]); // prettier-ignore
});

test('a write whose reply is lost is made once, and its answer is the version it was given', async () => {
  const redis = await start();
  const proxy = await startProxy({ target: redis.port });
  stops.push(() => proxy.stop());
  const book = open({ url: proxy.through(redis.url), deadline: 200 });
  await put(book, 'a', 'first');
  proxy.dropReplies();
  const writing = Promise.all([put(book, 'a', 'second'), put(book, 'a', 'third', { given: 0 }), put(book, 'b')]);
  await waitUntil('it was executed', async () => proxy.droppedBytes > 0);
  const other = open({ url: redis.url }, { namespace: 'other' });
  expect((await put(other, 'x')).state).toBe('accepted');
  proxy.resume();
  const replies = await writing;
  const [a, b] = await book.read(['a', 'b']);
  expect(replies).toEqual([
    { state: 'accepted', version: a!.newest!.version, dirty: 2 },
    { state: 'changed', current: a, dirty: 2 },
    { state: 'accepted', version: b!.newest!.version, dirty: 2 },
  ]);
});

test('a write that arrives after its time is refused, as nobody could tell whether it was made before', async () => {
  const redis = await start();
  const proxy = await startProxy({ target: redis.port });
  stops.push(() => proxy.stop());
  const book = open({ url: proxy.through(redis.url), deadline: 100 }, { namespace: 'late' });
  await put(book, 'a', 'first');
  proxy.delay(5_600, 'requests');
  const writing = rejectionOf(put(book, 'a', 'second'));
  expect((await writing).code).toBe('LEDGER_UNAVAILABLE');
  const direct = open({ url: redis.url }, { namespace: 'late' });
  await put(direct, 'a', 'newer');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const [found] = await direct.read(['a']);
  expect(Buffer.from(found!.newest!.payload).toString()).toBe('newer');
}, 30_000);

test('reads reject while the ledger does not answer, and never ask the source', async () => {
  const redis = await start();
  const loads: string[] = [];
  const cache = createCache({ tiers: [memoryStore()], maxLocalStaleness: '50ms' });
  stops.push(() => cache.close({ timeout: 0 }));
  const views = cache.resource(
    'views',
    writeBehind<string, number>({
      load: (key) => loads.push(key),
      saveMany: async () => undefined,
      ledger: redisLedger({ url: redis.url, deadline: 200 }),
      flush: { after: '1h' },
    }),
  );
  await views.set('a', 5);
  expect(await views.get('a')).toBe(5);
  await redis.freeze();
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect((await rejectionOf(views.get('a'))).code).toBe('LEDGER_UNAVAILABLE');
  await redis.thaw();
  await waitUntil('it answers', async () => (await views.get('a').catch(() => undefined)) === 5);
  expect(loads).toEqual([]);
});

test('a write that is to be on a replica is, or the error says that it is accepted all the same', async () => {
  const master = await start();
  const namespace = 'replicated';
  const hasty = open({ url: master.url, deadline: 500 }, { namespace });
  const durability = { replicated: 1 };
  const alone = await put(hasty, 'a', 'x', { durability, operation: 'op' }).catch((error: unknown) => error);
  expect(alone).toBeInstanceOf(DurabilityError);
  const { applied, version, code } = alone as DurabilityError;
  expect([applied, code, (await hasty.read(['a']))[0]?.newest?.version]).toEqual([true, 'DURABILITY', version]);
  const replica = await start('--replicaof', master.host, String(master.port));
  await waitUntil('it follows', async () => (await master.command('INFO', 'replication')).includes('state=online'));
  // A replica that is online may yet be busy with what it was sent first.
  const book = open({ url: master.url, deadline: 10_000 }, { namespace });
  expect(await put(book, 'a', 'x', { durability, operation: 'op' })).toMatchObject({ state: 'accepted', version });
  const together = Array.from({ length: 200 }, (_, at) => put(book, `k${at}`, 'x', { durability }));
  expect((await Promise.all(together)).every(({ state }) => state === 'accepted')).toBe(true);
  expect(Number(/cmdstat_wait:calls=(\d+)/.exec(await master.command('INFO', 'commandstats'))?.[1])).toBeLessThan(50);
  expect(await replica.command('HLEN', (await master.command('KEYS', '*:d')).trim())).toBe('201');
});

test('a write that is to be on disk is, where the server can wait for that; else the error names the version', async () => {
  const redis = await start('--appendonly', 'yes', '--appendfsync', 'everysec');
  const [, major, minor] = /redis_version:(\d+)\.(\d+)/.exec(await redis.command('INFO', 'server'))!;
  const book = open({ url: redis.url, deadline: 4_000 });
  const outcome = await put(book, 'a', 'x', { durability: 'fsynced' }).catch((error: unknown) => error);
  if (Number(major) * 100 + Number(minor) >= 702) expect(outcome).toMatchObject({ state: 'accepted' });
  else expect((outcome as CacheError).message).toContain(`which Redis ${major}.${minor} has not; it came with 7.2`);
});
