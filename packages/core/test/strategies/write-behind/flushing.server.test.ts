import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createCache, type Duration, memoryStore } from '@cache/core';
import { type RedisServer, startProgram, startRedis, waitUntil } from '@cache/servers';
import { type Database, startDatabase } from '../../support/database.ts';
import { fenceOf, pagesIn } from './pages.ts';

let redis: RedisServer;
let db: Database;
beforeAll(async () => {
  [redis, db] = await Promise.all([startRedis({ args: ['--appendonly', 'yes'] }), startDatabase()]);
  await db.pool.query('create table pages (page text primary key, views bigint)');
  for (const text of fenceOf(db.pool).setUp) await db.pool.query(text);
}, 120_000);
afterAll(async () => {
  await db.stop();
  await redis.stop();
});

const started: { close(): Promise<unknown> }[] = [];
beforeEach(() => Promise.all(started.splice(0).map((each) => each.close())));
afterAll(() => Promise.all(started.splice(0).map((each) => each.close())));

/** A process that writes, and has nothing brought to Postgres itself. */
function service(after: Duration) {
  const cache = createCache({ namespace: 'flushing', tiers: [memoryStore()] });
  started.push({ close: () => cache.close({ timeout: 0 }) });
  return pagesIn(cache, db.pool, redis.url, after);
}

async function startFlushing(): Promise<ChildProcess> {
  const child = await startProgram(join(__dirname, 'flushing.process.ts'), redis.url, db.server.url);
  started.push({ close: async () => child.kill('SIGKILL') });
  expect(await once(child, 'message')).toEqual(['ready', undefined]);
  return child;
}

async function viewsInPostgres(): Promise<Record<string, number>> {
  const rows = (await db.pool.query('select page, views from pages order by page')).rows as Record<string, string>[];
  return Object.fromEntries(rows.map(({ page, views }) => [page, Number(views)]));
}

test('a flusher that is killed over a batch has another one take over, and nothing old comes after what is new', async () => {
  const pages = service(20);
  const first = await startFlushing();
  await pages.set('/home', 1);
  await waitUntil('it is in Postgres', async () => (await viewsInPostgres())['/home'] === 1);
  const blocker = await db.pool.connect();
  await blocker.query('begin');
  await blocker.query('lock table pages in share mode');
  await pages.set('/home', 2);
  await pages.set('/about', 2);
  await waitUntil('a batch is under way', async () => (await pages.backlog()).claimed > 0);
  first.kill('SIGKILL');
  await once(first, 'exit');
  await pages.set('/home', 3);
  await startFlushing();
  // The statement of the dead one waits for the lock too, and is carried out when it is free.
  await blocker.query('commit');
  blocker.release();
  await waitUntil('all is written', async () => (await pages.backlog()).dirty === 0);
  expect(await viewsInPostgres()).toEqual({ '/about': 2, '/home': 3 });
});

test('a flusher that is told to end brings to the source what is not even due, and ends by itself', async () => {
  const pages = service('1h');
  const child = await startFlushing();
  await Promise.all(Array.from({ length: 250 }, (_, at) => pages.set(`/page/${at}`, at)));
  expect((await pages.backlog()).dirty).toBe(250);
  const [told, ended] = [once(child, 'message'), once(child, 'exit')];
  child.kill('SIGTERM');
  expect([(await told)[0], await ended]).toEqual([{ unwritten: 0 }, [0, null]]);
  expect((await pages.backlog()).dirty).toBe(0);
  expect(Object.keys(await viewsInPostgres()).length).toBeGreaterThanOrEqual(250);
});
