/** What differs between one Postgres and another. */
export interface Connection {
  /** Sends one statement; `written` is how many rows Postgres says it inserted or updated. */
  query(sql: string, values: readonly unknown[]): Promise<{ rows: unknown[]; written: number }>;
  /** Runs several statements in one transaction. */
  script(sql: string): Promise<void>;
  close(): Promise<void>;
}
