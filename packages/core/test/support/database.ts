import { type Server, startPostgres } from '@cache/servers';
import type { Query } from '@cache/core';
import pg from 'pg';

/** A Postgres with a pool of connections, which a test may freeze or kill. */
export interface Database {
  readonly server: Server;
  readonly pool: pg.Pool;
  readonly query: Query;
  stop(): Promise<void>;
}

export async function startDatabase(): Promise<Database> {
  const server = await startPostgres();
  const pool = poolOf(server.url);
  const stop = async (): Promise<void> => {
    await pool.end();
    await server.stop();
  };
  return { server, pool, query: queryOf(pool), stop };
}

export function poolOf(url: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  // A server that goes away while a connection is idle would end the process.
  pool.on('error', () => undefined);
  return pool;
}

export function queryOf(client: Pick<pg.Pool, 'query'>): Query {
  return async (text, values) => (await client.query(text, values)).rows as unknown[];
}

/** Work in one transaction, which is undone if it rejects. */
export async function inTransaction<T>(pool: pg.Pool, work: (query: Query) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const result = await work(queryOf(client));
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}
