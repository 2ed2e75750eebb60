import type { Connection } from './connection.ts';

/** Postgres in this process and in its memory, for machines that have no server. It takes seconds to start. */
export async function openPglite(schema: string): Promise<Connection> {
  const { PGlite } = await import('@electric-sql/pglite');
  const db = await PGlite.create();
  await db.exec(`set search_path to ${schema}`);
  return {
    async query(sql, values) {
      const { rows, affectedRows = 0 } = await db.query(sql, [...values]);
      return { rows, written: affectedRows };
    },
    async script(sql) {
      await db.exec(sql);
    },
    close: () => db.close(),
  };
}
