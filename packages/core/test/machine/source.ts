import { type Clock, delay } from '../../src/model/clock.ts';

/** What the source has of a key: a row, `null` where there is known to be none, `undefined` where nothing is known. */
export type Row = { readonly version: number } | null | undefined;

/** The system of record, which the cache and the model ask alike. Only what the cache asks is counted. */
export class Source {
  fails = false;
  latency = 0;
  readonly rows = new Map<string, Row>();
  readonly asked = new Map<string, number>();
  /** How many questions of the cache are open. */
  open = 0;

  async load(clock: Clock, key: string): Promise<Row> {
    this.asked.set(key, this.askedFor(key) + 1);
    this.open += 1;
    return this.answer(clock, key).finally(() => (this.open -= 1));
  }

  askedFor(key: string): number {
    return this.asked.get(key) ?? 0;
  }

  /** What it has, or whether it fails, is decided when it is asked. */
  async answer(clock: Clock, key: string): Promise<Row> {
    const { fails, latency } = this;
    const row = this.rows.get(key);
    if (latency > 0) await delay(clock, latency);
    if (fails) throw new Error('down');
    return row && { ...row };
  }
}

/** The tag of a row; each has one of two. */
export function tagOf(row: NonNullable<Row>): string {
  return row.version % 2 === 0 ? 'even' : 'odd';
}
