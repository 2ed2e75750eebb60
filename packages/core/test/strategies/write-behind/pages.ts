import { type Cache, type Duration, postgresFence, writeBehind } from '@cache/core';
import { redisLedger } from '@cache/core/redis';
import type pg from 'pg';
import { queryOf } from '../../support/database.ts';

export function fenceOf(pool: pg.Pool) {
  return postgresFence<number>({
    query: queryOf(pool),
    table: 'pages',
    key: 'page',
    columns: { views: 'bigint' },
    row: (views) => ({ views }),
  });
}

/** The resource as a service and its flushers declare it, which write nothing to Postgres unless they are told to. */
export function pagesIn(cache: Cache, pool: pg.Pool, redis: string, after: Duration) {
  const fence = fenceOf(pool);
  const load = async (page: string): Promise<number> => {
    const text = `select views from pages where page = $1 and ${fence.visible}`;
    return Number(((await pool.query(text, [page])).rows as { views: string }[])[0]?.views ?? 0);
  };
  return cache.resource(
    'pages',
    writeBehind<string, number>({
      load,
      saveMany: fence.saveMany,
      ledger: redisLedger({ url: redis }),
      flush: { after, max: 100, lease: 500, inProcess: false },
    }),
  );
}
