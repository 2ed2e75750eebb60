import { withDeadline } from '../layers/deadline.ts';
import { type Clock, delay, type Timer } from '../model/clock.ts';
import type { Events } from '../model/events.ts';
import type { DirtyRecord, LedgerBook } from '../model/ledger.ts';

const firstRetry = 100;
const longestRetry = 30_000;

export interface FlusherOptions {
  readonly resource: string;
  readonly book: LedgerBook;
  readonly clock: Clock;
  readonly events: Events;
  readonly random: () => number;
  /** The most records of one batch; as many unwritten keys start a flush at once. */
  readonly max: number;
  /** Brings records to the source: all of them, or it rejects. */
  write(records: readonly DirtyRecord[]): Promise<void>;
}

/**
 * Brings a ledger's records to the source, one batch at a time: when they are due, when there are enough of them, or
 * when asked. A batch that fails is tried again, with exponential back-off and full jitter, for as long as it takes.
 */
export class Flusher {
  readonly #options: FlusherOptions;
  #timer: Timer | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #failures = 0;
  #writing = 0;
  #running = 0;
  #hastened = false;
  #draining = false;

  constructor(options: FlusherOptions) {
    this.#options = options;
  }

  /** To be called after each write: plans the next flush. */
  wake(): void {
    const { book, clock, max } = this.#options;
    // A run that is under way plans the next one when it ends.
    if (this.#draining || this.#running > 0) return;
    const full = book.dirty - this.#writing >= max && this.#failures === 0;
    // A flush that is planned already is never too late for a newer write: due is the first dirty instant plus a delay.
    if (this.#timer !== undefined && (!full || this.#hastened)) return;
    const nextDue = book.nextDue();
    this.#timer?.cancel();
    this.#timer = undefined;
    if (nextDue === undefined) return;
    this.#hastened = full;
    this.#timer = clock.setTimer(full ? 0 : Math.max(0, nextDue - clock.elapsed()), () => {
      this.#timer = undefined;
      void this.#run(full).catch(() => undefined);
    });
  }

  /** Brings every record there is to the source; rejects with what the writer threw. */
  flush(): Promise<void> {
    return this.#run(true);
  }

  /** Flushes for at most `ms` milliseconds, trying again what fails, and tells how many records are left. */
  async drain(ms: number): Promise<number> {
    const { clock, book, resource } = this.#options;
    this.#draining = true;
    this.#timer?.cancel();
    const end = clock.elapsed() + ms;
    while (book.dirty > 0 && clock.elapsed() < end) {
      const left = (): number => Math.max(0, end - clock.elapsed());
      await withDeadline(clock, left(), resource, this.#run(true)).catch(() =>
        delay(clock, Math.min(firstRetry, left())),
      );
    }
    return book.dirty;
  }

  /** One run after the other: a batch must not overtake the one before it. */
  #run(everything: boolean): Promise<void> {
    const run = this.#queue.then(() => this.#batches(everything));
    this.#queue = run.catch(() => undefined);
    this.#running += 1;
    return run.finally(() => {
      this.#running -= 1;
      this.wake();
    });
  }

  async #batches(everything: boolean): Promise<void> {
    const { book, max } = this.#options;
    // No more than are noted now, or a flush would never end while somebody writes all the time.
    for (let left = book.dirty; left > 0;) {
      const claim = await book.claim(Math.min(max, left), everything);
      if (claim.records.length === 0) return;
      const { length } = claim.records;
      this.#writing = length;
      await this.#batch(claim.records)
        .then(
          () => book.done(claim),
          async (error: unknown) => {
            await book.retry(claim, this.#backOff(length, error));
            throw error;
          },
        )
        .finally(() => {
          this.#writing = 0;
        });
      left -= length;
    }
  }

  async #batch(records: readonly DirtyRecord[]): Promise<void> {
    const { clock, events, resource } = this.#options;
    const begun = clock.elapsed();
    await this.#options.write(records);
    this.#failures = 0;
    events.emit('flush', { resource, count: records.length, ms: clock.elapsed() - begun });
  }

  #backOff(count: number, error: unknown): number {
    const { events, random, resource } = this.#options;
    const ceiling = Math.min(longestRetry, firstRetry * 2 ** this.#failures);
    this.#failures += 1;
    const retryIn = Math.round(ceiling * (0.5 + random() / 2));
    events.emit('flushError', { resource, count, error, retryIn });
    return retryIn;
  }
}
