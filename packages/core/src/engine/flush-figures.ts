import { type Distribution, Histogram } from './histogram.ts';

/** What this process has seen of the writes of one write-behind resource since its cache was made. */
export interface WriteStats {
  /** How many keys were unwritten when the ledger last answered. */
  readonly dirty: number;
  /** For how many milliseconds the oldest unwritten write had been waiting when this process last wrote it. */
  readonly oldest: number;
  readonly accepted: number;
  readonly written: number;
  /** How many records the batches had. */
  readonly batches: Distribution;
  /** Records that were queued again. */
  readonly retries: number;
  readonly deadLetters: number;
  /** Records that the source had a newer version of. */
  readonly conflicts: number;
  /** Records that came too late: the lease had run out. */
  readonly lost: number;
}

/** Counts what becomes of the writes of one resource. */
export class FlushFigures {
  dirty = 0;
  oldest = 0;
  accepted = 0;
  written = 0;
  retries = 0;
  deadLetters = 0;
  conflicts = 0;
  lost = 0;
  readonly batches = new Histogram();

  snapshot(): WriteStats {
    const { batches, ...counts } = this;
    return { ...counts, batches: batches.distribution() };
  }
}
