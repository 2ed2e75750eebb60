/** A statement with its parameters, as `pg` and most others take them. */
export interface Statement {
  readonly text: string;
  readonly values: unknown[];
}

/** Sends a statement, and gives its rows: `(text, values) => pool.query(text, values).then(({ rows }) => rows)`. */
export type Query = (text: string, values: unknown[]) => Promise<readonly unknown[]>;

/** A name as SQL takes it, whatever is in it; `schema.table` is two. */
export function quoted(name: string): string {
  return name
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.');
}
