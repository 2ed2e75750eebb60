import pg from 'pg';
import type { Connection } from './connection.ts';

/** A pool of connections to a Postgres server. */
export function openPostgres(url: string, schema: string): Connection {
  const pool = new pg.Pool({ connectionString: url, options: `-c search_path=${schema}` });
  // An idle connection that breaks is replaced at the next query; without a listener it would end the process.
  pool.on('error', () => undefined);
  return {
    async query(sql, values) {
      const { rows, command, rowCount } = await pool.query<object>(sql, [...values]);
      return { rows, written: command === 'SELECT' ? 0 : (rowCount ?? 0) };
    },
    async script(sql) {
      await pool.query(sql);
    },
    close: () => pool.end(),
  };
}
