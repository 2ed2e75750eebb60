import { openPglite } from './pglite.ts';
import { openPostgres } from './postgres.ts';

/** What a query was about; the counters are kept by it. */
export type Kind = 'product' | 'cart' | 'views' | 'order' | 'report' | 'customer' | 'bestsellers';

/** A Postgres that counts what reaches it, so that the cache in front of it can be judged. */
export interface Database {
  readonly counters: Counters;
  /** Sends one statement; resolves to the rows that it returns. */
  query<Row>(kind: Kind, sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Runs several statements in one transaction, uncounted. */
  script(sql: string): Promise<void>;
  close(): Promise<void>;
}

export interface Counters {
  /** How many statements were sent. */
  readonly queries: Partial<Record<Kind, number>>;
  /** How many rows Postgres says they inserted or updated. */
  readonly rowsWritten: Partial<Record<Kind, number>>;
}

export interface DatabaseOptions {
  /** A `postgres://` address. Without one it is PGlite: Postgres itself, compiled to WebAssembly, in this process. */
  url?: string | undefined;
  /** The schema that the tables are in. */
  schema: string;
}

/** Opens a Postgres. */
export async function openDatabase({ url, schema }: DatabaseOptions): Promise<Database> {
  const connection = url === undefined ? await openPglite(schema) : openPostgres(url, schema);
  const queries: Partial<Record<Kind, number>> = {};
  const rowsWritten: Partial<Record<Kind, number>> = {};
  return {
    counters: { queries, rowsWritten },
    async query<Row>(kind: Kind, sql: string, values: readonly unknown[] = []) {
      queries[kind] = (queries[kind] ?? 0) + 1;
      const { rows, written } = await connection.query(sql, values);
      rowsWritten[kind] = (rowsWritten[kind] ?? 0) + written;
      return rows as Row[];
    },
    script: (sql) => connection.script(sql),
    close: () => connection.close(),
  };
}
