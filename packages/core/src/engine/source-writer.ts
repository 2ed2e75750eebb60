import type { DirtyRecord } from '../model/ledger.ts';
import { verdictsOf } from './bisect.ts';
import type { FarTier } from './far-tier.ts';
import type { Isolation } from './isolation.ts';
import type { Payloads } from './payload.ts';

/** One key of a batch that is to be removed from the source. */
export interface DirtyKey {
  /** The key as text, whatever type it was given in. */
  readonly key: string;
  /** Rises with every write of a key: a source that keeps it can tell late writes and repeated ones (`fence`). */
  readonly version: number;
  /** The same each time that this very write is tried. */
  readonly opId: string;
}

/** One value of a batch that is to reach the source, or one change that is to be merged there. */
export interface DirtyItem<V> extends DirtyKey {
  readonly value: V;
}

/** What a writer may tell of each item: nothing, or an array with one of these per item, in their order. */
export type WriteResult =
  | 'ok'
  /** To be tried again, which counts: see `retry.attempts`. */
  | 'retry'
  /** Never to be tried again: a dead letter. */
  | 'reject'
  /** The source has a newer version. */
  | 'conflict'
  | { readonly result: 'retry' | 'reject'; readonly error: unknown }
  | { readonly result: 'conflict'; readonly version: number };

export interface WriteContext {
  /** Aborted when the batch may be given to another worker: what has not been written by then is not to be. */
  readonly signal: AbortSignal;
}

export type ItemWriter<T> = (items: readonly T[], context: WriteContext) => Promise<unknown>;

export interface SourceWriterOptions {
  readonly payloads: Payloads;
  readonly isolation: Isolation;
  readonly save: ItemWriter<DirtyItem<unknown>>;
  readonly remove: ItemWriter<DirtyKey> | undefined;
  readonly merge: ItemWriter<DirtyItem<unknown>> | undefined;
}

/** Hands records of a ledger to the writers of a resource. */
export class SourceWriter {
  readonly #options: SourceWriterOptions;

  constructor(options: SourceWriterOptions) {
    this.#options = options;
  }

  /** Records of one kind of operation. What it gives is what the writer told. */
  async write(records: readonly DirtyRecord[], signal: AbortSignal): Promise<unknown> {
    const { save, remove, merge } = this.#options;
    const op = records[0]?.op;
    if (op === 'remove') return writerOf(remove, 'removeMany')(records.map(named), { signal });
    const items = records.map((record) => ({ ...named(record), value: this.#valueOf(record) }));
    return (op === 'merge' ? writerOf(merge, 'merge') : save)(items, { signal });
  }

  /** One record past the ledger. Rejects unless it is written, or the source has a newer one. */
  async writeThrough(record: DirtyRecord): Promise<void> {
    const [verdict] = verdictsOf(await this.write([record], new AbortController().signal), 1);
    if (verdict !== undefined && 'error' in verdict) throw verdict.error;
    if (verdict?.result === 'conflict' && record.op === 'merge') {
      throw new Error('the source has a newer version than this process could give the change; make it again');
    }
  }

  #valueOf({ op, payload }: DirtyRecord): unknown {
    const { payloads, isolation } = this.#options;
    const value = payloads.decode(payload);
    return op === 'merge' ? value : isolation.forWriter(isolation.adopt(value));
  }
}

/** Keeps the shared tier from serving or filling what a batch replaces meanwhile. */
export async function markedIn(
  shared: FarTier | undefined,
  records: readonly DirtyRecord[],
  run: () => Promise<void>,
): Promise<void> {
  if (shared === undefined) return run();
  const marked = await Promise.all(
    records.map(async ({ key }) => ({ key, marker: await shared.mark(key, shared.budget()) })),
  );
  try {
    await run();
  } finally {
    await Promise.all(marked.map(({ key, marker }) => shared.commit(key, marker, undefined)));
  }
}

function named({ key, version }: DirtyRecord): DirtyKey {
  return { key, version, opId: `${version}:${key}` };
}

function writerOf<T>(writer: ItemWriter<T> | undefined, name: string): ItemWriter<T> {
  if (writer !== undefined) return writer;
  throw new Error(`the ledger holds what only \`${name}\` can write, which the resource does not have any more`);
}
