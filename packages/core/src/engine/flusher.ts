import { randomUUID } from 'node:crypto';
import { delay, type Timer } from '../model/clock.ts';
import type { ClaimedRecord } from '../model/ledger.ts';
import { backOff } from './back-off.ts';
import { type Batch, flushBatch, type FlushedBatch } from './flush-batch.ts';

/** How many failures in a row make the next batch a trial with one record. */
const failuresToProbe = 3;

export interface FlusherOptions extends Omit<Batch, 'records' | 'token' | 'deadline' | 'over'> {
  /** The most records of one batch; as many unwritten keys start a flush at once. */
  readonly max: number;
  /** Milliseconds after a key's first unwritten write. */
  readonly after: number;
  /** For how many milliseconds to sleep where others write into the ledger as well; `undefined` where nobody else does. */
  readonly poll: number | undefined;
}

/**
 * A worker: claims what is due, has it written, and settles what came of it. It runs when records are due, when there are
 * enough of them, or when asked; a source that is away is left alone for longer and longer, and then tried with one record.
 */
export class Flusher {
  readonly #options: FlusherOptions;
  readonly #over = new AbortController();
  #timer: Timer | undefined;
  #planned = { at: Infinity, all: false };
  #queue: Promise<unknown> = Promise.resolve();
  #failures = 0;
  #ledgerFailures = 0;
  #pausedUntil = 0;
  #writing = 0;
  #stays = false;
  #state: 'idle' | 'running' | 'over' = 'idle';

  constructor(options: FlusherOptions) {
    this.#options = options;
  }

  /** Begins to look after what is in the ledger already. `stays`: it keeps the process alive. */
  start(stays = false): void {
    if (this.#state !== 'idle') return;
    this.#state = 'running';
    this.#stays = stays;
    this.#plan(0);
  }

  /** To be called after each write, with how many keys are unwritten. */
  noted(dirty: number): void {
    if (this.#state !== 'running') return;
    const { max, after } = this.#options;
    const full = dirty - this.#writing >= max && this.#failures === 0;
    if (full) this.#plan(0, true);
    else this.#plan(after);
  }

  /** Brings to the source all that was noted before; rejects with what the writer threw, or with the ledger's error. */
  async flush(): Promise<void> {
    const { book, clock } = this.#options;
    const { mark } = await book.drain();
    for (let pause = 5; ; pause = Math.min(2 * pause, 100)) {
      const { claimed, error } = await this.#turn(() => this.#batch(true));
      if (error !== undefined) throw error.thrown;
      if (!(await book.drain(mark)).left) return;
      // What is left is in the hands of other workers.
      if (claimed === 0) await delay(clock, pause);
    }
  }

  /** Flushes for at most `ms` milliseconds, trying again what fails, and tells how many keys are left. */
  async drain(ms: number): Promise<number> {
    const { book, clock, figures, retry, random } = this.#options;
    const begun = this.#state !== 'idle';
    this.stop();
    const end = clock.elapsed() + ms;
    const count = async (): Promise<number> => (await book.stats()).dirty;
    const work = async (): Promise<void> => {
      for (let failures = 0; clock.elapsed() < end && (await count()) > 0;) {
        const done = await this.#turn(() => this.#batch(true)).catch(() => undefined);
        const failed = done === undefined || done.error !== undefined || done.claimed === 0;
        if (!failed) continue;
        // What is left may be in the hands of others, or just have been written by a batch that was under way.
        if ((await count()) === 0) return;
        await delay(clock, Math.min(backOff(failures, { ...retry, random }), Math.max(0, end - clock.elapsed())));
        failures += 1;
      }
    };
    if (begun) await this.#within(ms, work());
    this.#over.abort();
    // A ledger that does not answer has at least what it had when it last did.
    return this.#within(1_000, count(), figures.dirty);
  }

  /** Claims nothing more; a batch under way goes on. */
  stop(): void {
    this.#state = 'over';
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #plan(ms: number, all = false): void {
    if (this.#state !== 'running') return;
    const { clock } = this.#options;
    const at = Math.max(clock.elapsed() + ms, all ? 0 : this.#pausedUntil);
    if (this.#timer !== undefined && this.#planned.at <= at && (this.#planned.all || !all)) return;
    this.#timer?.cancel();
    this.#planned = { at, all };
    const fire = (): void => {
      this.#timer = undefined;
      void this.#turn(() => this.#run(all));
    };
    // Keys that wait keep the process alive; looking for those of others does not.
    const isIdle = this.#options.figures.dirty === 0 && !this.#stays;
    this.#timer = clock.setTimer(at - clock.elapsed(), fire, isIdle);
  }

  /** One run after the other. */
  #turn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(run);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  /** What is due, batch by batch; plans the next run. It does not reject. */
  async #run(all: boolean): Promise<void> {
    const { poll, retry, random, resource, events } = this.#options;
    let next: number | undefined;
    try {
      for (let everything = all; this.#state === 'running'; everything = false) {
        const done = await this.#batch(everything);
        next = done.next;
        if (done.claimed === 0 || done.paused) break;
      }
    } catch (error) {
      events.emit('ledgerError', { resource, error });
      next = backOff(this.#ledgerFailures, { ...retry, random });
      this.#ledgerFailures += 1;
    }
    // A write may have been noted since the ledger was asked, and planned its own.
    const wait = Math.min(next ?? Infinity, poll ?? Infinity);
    if (wait !== Infinity) this.#plan(wait);
  }

  /** Claims one batch and settles it. Rejects with the ledger's errors alone. */
  async #batch(all: boolean): Promise<FlushedBatch & { readonly next: number | undefined }> {
    const { book, clock, figures, max, lease } = this.#options;
    const token = randomUUID();
    // Measured from before the claim is sent: the ledger's own lease cannot be over before this one.
    const deadline = clock.elapsed(true) + lease;
    const size = this.#failures >= failuresToProbe && !all ? 1 : max;
    const { records, next, dirty } = await book.claim({ token, max: size, lease, all });
    this.#ledgerFailures = 0;
    figures.dirty = dirty;
    if (records.length === 0) return { claimed: 0, paused: false, error: undefined, next };
    return { ...(await this.#write(records, token, deadline)), next };
  }

  async #write(records: readonly ClaimedRecord[], token: string, deadline: number): Promise<FlushedBatch> {
    const { clock, retry, random } = this.#options;
    this.#writing = records.length;
    try {
      const pause = backOff(this.#failures, { ...retry, random });
      const done = await flushBatch({ ...this.#options, records, token, deadline, over: this.#over.signal }, pause);
      this.#failures = done.paused ? this.#failures + 1 : 0;
      this.#pausedUntil = done.paused ? clock.elapsed() + pause : 0;
      return done;
    } finally {
      this.#writing = 0;
    }
  }

  #within<T, F>(ms: number, work: Promise<T>, fallback?: F): Promise<T | F> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.setTimer(Math.max(0, ms), () => resolve(fallback as F));
      const settle = (value: T | F): void => {
        timer.cancel();
        resolve(value);
      };
      work.then(settle, () => settle(fallback as F));
    });
  }
}
