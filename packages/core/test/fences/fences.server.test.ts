import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type DirtyItem, postgresFence, sideFence } from '@cache/core';
import { type Database, inTransaction, startDatabase } from '../support/database.ts';
import { thrownBy } from '../support/failure.ts';

let db: Database;
beforeAll(async () => {
  db = await startDatabase();
}, 120_000);
afterAll(() => db.stop());

const item = <V>(key: string, version: number, value: V): DirtyItem<V> => ({ key, version, value, opId: '' });
const run = async (...texts: readonly string[]) => {
  for (const text of texts) await db.query(text, []);
};

describe('a fence in a version column', () => {
  const fence = postgresFence<number>({
    query: (text, values) => db.query(text, values),
    table: 'public.page views',
    key: 'page',
    columns: { views: 'bigint', note: 'text' },
    row: (views) => ({ views, note: `of "${views}"` }),
  });
  const rows = async () =>
    (
      (await db.query(`select page, views::int, wb_deleted from "page views" order by page`, [])) as {
        page: string;
        views: number;
        wb_deleted: boolean;
      }[]
    ).map(({ page, views, wb_deleted: deleted }) => (deleted ? `${page} is gone` : `${page}=${views}`));

  beforeEach(() =>
    run(
      'drop table if exists "page views"',
      'create table "page views" (page text primary key, views bigint not null default 0, note text)',
      ...fence.setUp,
      ...fence.setUp,
    ),
  );

  test('lets newer versions through, in one statement per batch', async () => {
    expect(await fence.saveMany([item('b', 5, 1), item('a', 6, 2)])).toEqual(['ok', 'ok']);
    expect(await fence.saveMany([item('a', 7, 3)])).toEqual(['ok']);
    expect(await rows()).toEqual(['a=3', 'b=1']);
  });

  test('stops what comes too late, and tells what there is', async () => {
    await fence.saveMany([item('a', 9, 9)]);
    expect(await fence.saveMany([item('a', 5, 5), item('b', 5, 5)])).toEqual([
      { result: 'conflict', version: 9 },
      'ok',
    ]);
    expect(await rows()).toEqual(['a=9', 'b=5']);
  });

  test('takes the same version again for what it is, so that additions are made once', async () => {
    await fence.saveMany([item('a', 1, 40)]);
    for (let time = 0; time < 3; time += 1) expect(await fence.addMany([item('a', 2, 2)])).toEqual(['ok']);
    expect(await fence.addMany([item('new', 3, 7)])).toEqual(['ok']);
    expect(await rows()).toEqual(['a=42', 'new=7']);
  });

  test('keeps what was removed from coming back by a late write, and lets a newer one through', async () => {
    await fence.saveMany([item('a', 1, 1)]);
    expect(await fence.removeMany([item('a', 5, null), item('never there', 5, null)])).toEqual(['ok', 'ok']);
    expect(await fence.saveMany([item('a', 4, 4)])).toEqual([{ result: 'conflict', version: 5 }]);
    expect(await rows()).toEqual(['a is gone', 'never there is gone']);
    expect(await fence.addMany([item('a', 6, 10)])).toEqual(['ok']);
    expect(await rows()).toEqual(['a=10', 'never there is gone']);
    const { rows: seen } = await db.pool.query(`select page from "page views" where ${fence.visible}`);
    expect(seen).toEqual([{ page: 'a' }]);
  });

  test('lets tombstones go that are old enough', async () => {
    const now = Date.now() * 1_000;
    await fence.removeMany([item('old', now - 3_600_000_000, null), item('young', now, null)]);
    const { text, values } = fence.purge('10 minutes');
    await db.query(text, values);
    expect(await rows()).toEqual(['young is gone']);
  });

  test('lets batches that meet through, one after the other', async () => {
    const keys = Array.from({ length: 50 }, (_, at) => `k${at}`);
    const batch = (version: number) =>
      fence.addMany(keys.map((key) => item(key, version, 1)).sort(() => (version % 3) - 1));
    const told = await Promise.all(Array.from({ length: 20 }, (_, at) => batch(at + 1)));
    const applied = told.flat().filter((each) => each === 'ok').length;
    const { rows: sum } = await db.pool.query(
      'select sum(views)::int as views, min(wb_ver)::int as version from "page views"',
    );
    expect(sum).toEqual([{ views: applied, version: 20 }]);
  });

  test('stops a worker that was frozen between its claim and its commit', async () => {
    const client = await db.pool.connect();
    const slow = postgresFence<number>({
      query: async (text, values) => (await client.query(text, values)).rows as unknown[],
      table: 'page views',
      key: 'page',
      columns: { views: 'bigint' },
      row: (views) => ({ views }),
    });
    await client.query('begin');
    await slow.saveMany([item('a', 1, 1)]);
    const newer = fence.saveMany([item('a', 2, 2)]);
    await client.query('commit');
    client.release();
    expect(await newer).toEqual(['ok']);
    expect(await fence.saveMany([item('a', 1, 1)])).toEqual([{ result: 'conflict', version: 2 }]);
    expect(await rows()).toEqual(['a=2']);
  });
});

describe('a fence in a table of its own', () => {
  const fence = sideFence({ resource: 'views' });
  const total = async () => (await db.pool.query('select sum(views)::int as views from plain')).rows;
  beforeEach(() =>
    run(
      'drop table if exists plain, wb_fence',
      'create table plain (page text primary key, views bigint not null)',
      ...fence.setUp,
      ...fence.setUp,
    ),
  );

  const add = (items: readonly DirtyItem<number>[], fails = false) =>
    inTransaction(db.pool, async (query) => {
      const results = await fence.guard(query, items, async (fresh) => {
        for (const { key, value } of fresh) {
          await query('insert into plain values ($1, $2) on conflict (page) do update set views = plain.views + $2', [key, value]); // prettier-ignore
        }
      });
      if (fails) throw new Error('before the commit');
      return results;
    });

  test('has only what is newer written, once', async () => {
    expect(await add([item('a', 1, 10), item('b', 1, 10)])).toEqual(['ok', 'ok']);
    expect(await add([item('a', 1, 10), item('b', 2, 5)])).toEqual(['ok', 'ok']);
    expect(await add([item('b', 1, 10)])).toEqual([{ result: 'conflict', version: 2 }]);
    expect(await total()).toEqual([{ views: 25 }]);
  });

  test('is undone with the transaction that it is in', async () => {
    await expect(add([item('a', 1, 10)], true)).rejects.toThrow('before the commit');
    expect(await add([item('a', 1, 10)])).toEqual(['ok']);
    expect(await total()).toEqual([{ views: 10 }]);
  });

  test('lets those that meet through one after the other', async () => {
    const told = await Promise.all(Array.from({ length: 10 }, () => add([item('a', 7, 10)])));
    expect([told.flat().filter((each) => each === 'ok').length, await total()]).toEqual([10, [{ views: 10 }]]);
  });
});

test.each([
  [{}, 'query is missing'],
  [{ query: () => [], table: 't', key: 'k', columns: {}, row: () => ({}) }, "such as { views: 'bigint' }"],
  [
    { query: () => [], table: 't', key: 'k', columns: { a: 'int; drop' }, row: () => ({}) },
    "such as { views: 'bigint' }",
  ],
])('options %p are refused at once', (options, sentence) => {
  expect(thrownBy(() => postgresFence(options as never)).message).toContain(sentence);
});
