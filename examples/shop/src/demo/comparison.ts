import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from './client.ts';
import type { Subject } from './subjects.ts';

/** How one strategy did. Latencies are medians. */
export interface Measured {
  readonly hitMs: number;
  readonly missMs: number;
  readonly writeMs: number;
  /** Rows that Postgres wrote for `writes` writes to `keys` keys. */
  readonly rows: number;
  /** How the slowest of several writes came to be seen by reads of the same process. */
  readonly here: Seen;
  /** The same for reads of another process that had the old value in its memory. */
  readonly elsewhere: Seen | undefined;
}

/** When a write was seen. */
export interface Seen {
  /** The number of the read that showed it: 1 is the very next. */
  readonly read: number;
  /** Milliseconds from the answer to the write until the answer of that read. */
  readonly ms: number;
}

export const writes = 100;
export const keys = 10;
const patience = 10_000;

/** Measures one strategy's latencies and what its writes cost, one request after the other. */
export async function measureCost(
  subject: Subject,
  client: Client,
): Promise<Pick<Measured, 'hitMs' | 'missMs' | 'writeMs' | 'rows'>> {
  const misses = await times(5, (n) => subject.read(client, keys + n));
  const hits = await times(60, () => subject.read(client, keys));
  const before = await rowsWritten(subject, client);
  const written = await times(writes, (n) => subject.write(client, n % keys, n));
  await settled(client);
  const rows = (await rowsWritten(subject, client)) - before;
  return { hitMs: median(hits), missMs: median(misses), writeMs: median(written), rows };
}

/** Measures how soon reads see a write: the slowest of several rounds. */
export async function measureFreshness(
  subject: Subject,
  client: Client,
  other: Client | undefined,
): Promise<Pick<Measured, 'here' | 'elsewhere'>> {
  let here: Seen = { read: 0, ms: 0 };
  const start = performance.now();
  for (let round = 0; round < 20 && performance.now() - start < 2_500; round += 1) {
    here = later(here, await seen(subject, client, client, 1_000 + round));
  }
  return { here, elsewhere: other && (await seen(subject, client, other, 2_000)) };
}

/** Writes through one process, then reads from one until it shows. */
async function seen(subject: Subject, writer: Client, reader: Client, value: number): Promise<Seen> {
  const { text: before } = await subject.read(reader, 0);
  await subject.write(writer, 0, value);
  const start = performance.now();
  for (let read = 1; ; read += 1) {
    const { text } = await subject.read(reader, 0);
    const ms = performance.now() - start;
    if (text !== before) return { read, ms };
    if (ms > patience) throw new Error(`${subject.resource}: a write was not seen within ${patience} ms`);
    await delay(5);
  }
}

async function times(count: number, run: (n: number) => Promise<{ status: number; ms: number }>): Promise<number[]> {
  const latencies: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const { status, ms } = await run(n);
    if (status >= 300) throw new Error(`a request was answered with ${status}`);
    latencies.push(ms);
  }
  return latencies;
}

/** Until Postgres has all that was written behind. */
async function settled(client: Client): Promise<void> {
  while ((await client.stats()).unwritten > 0) await delay(50);
}

async function rowsWritten({ kind }: Subject, client: Client): Promise<number> {
  return (await client.stats()).rowsWritten[kind] ?? 0;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function later(a: Seen, b: Seen): Seen {
  return b.ms > a.ms ? b : a;
}
