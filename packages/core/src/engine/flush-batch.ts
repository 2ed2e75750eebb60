import type { Clock } from '../model/clock.ts';
import { messageOf } from '../model/errors.ts';
import type { Events } from '../model/events.ts';
import type { ClaimedRecord, LedgerBook, Outcome } from '../model/ledger.ts';
import { backOff } from './back-off.ts';
import { bisect, type Verdict } from './bisect.ts';
import type { FlushFigures } from './flush-figures.ts';

/** A claimed batch, and who is to write it. */
export interface Batch {
  readonly resource: string;
  readonly book: LedgerBook;
  readonly clock: Clock;
  readonly events: Events;
  readonly random: () => number;
  readonly figures: FlushFigures;
  readonly records: readonly ClaimedRecord[];
  readonly token: string;
  /** Until when the claim holds for sure, by `Clock.elapsed`. */
  readonly deadline: number;
  /** For how many milliseconds each heartbeat makes it hold. */
  readonly lease: number;
  /** Aborted when nobody waits for the batch any longer. */
  readonly over: AbortSignal;
  readonly maxAttempts: number;
  /** Milliseconds before the first repetition, and the most. */
  readonly retry: { readonly first: number; readonly longest: number };
  isTransient(error: unknown): boolean;
  /** Writes records of one kind of operation, and may tell what came of each. */
  write(records: readonly ClaimedRecord[], signal: AbortSignal): Promise<unknown>;
  /** Keeps tiers from serving what the batch replaces while `run` runs. */
  around(records: readonly ClaimedRecord[], run: () => Promise<void>): Promise<void>;
  /** The source has a newer version: whether the record counts as settled, or is written anew. */
  conflicted(record: ClaimedRecord, version: number | undefined): Promise<void>;
  /** What tiers have of the key is not what the source will have. */
  forget(key: string): Promise<unknown>;
}

export interface FlushedBatch {
  readonly claimed: number;
  /** Whether the source is to be left alone for a while. */
  readonly paused: boolean;
  /** The first error of the writer. */
  readonly error: { readonly thrown: unknown } | undefined;
}

/** Writes a claimed batch, beating for it meanwhile, and settles it; past the deadline nothing is acknowledged. */
export async function flushBatch(batch: Batch, pause: number): Promise<FlushedBatch> {
  const { records, clock, figures, resource, events } = batch;
  const term = new Term(batch);
  const begun = clock.elapsed();
  const verdicts = new Map<ClaimedRecord, Verdict>();
  try {
    figures.batches.record(records.length);
    await batch.around(records, async () => {
      for (const group of byOperation(records)) {
        const write = (some: readonly ClaimedRecord[]): Promise<unknown> => batch.write(some, term.signal);
        const isOver = (): boolean => term.isOver;
        const outcome = await bisect(group, { write, isTransient: (error) => batch.isTransient(error), isOver });
        group.forEach((record, index) => verdicts.set(record, outcome[index]!));
      }
    });
    for (const [record, verdict] of verdicts) {
      if (verdict.result !== 'conflict' || term.isOver) continue;
      // What is newer is no reason to drop a change that may not be in it: somebody has to look.
      if (record.op === 'merge') verdicts.set(record, { result: 'reject', error: overtaken });
      else await batch.conflicted(record, verdict.version);
    }
    const outcomes = [...verdicts].map(([record, verdict]) => outcomeOf(batch, record, verdict, pause));
    const failed = outcomes.filter(({ result }) => result !== 'ok');
    const errors = [...verdicts.values()].flatMap((each) => ('error' in each ? [{ thrown: each.error }] : []));
    const written = records.length - failed.length;
    if (written > 0) events.emit('flush', { resource, count: written, ms: clock.elapsed() - begun });
    if (failed.length > 0) {
      const retryIn = Math.max(0, ...failed.map((each) => (each.result === 'retry' ? each.after : 0)));
      events.emit('flushError', { resource, count: failed.length, error: errors[0]?.thrown, retryIn });
    }
    // Past it another worker may be at it: what came of it is for that one to say.
    if (term.isOver) figures.lost += records.length;
    else await settle(batch, verdicts, outcomes);
    const paused = outcomes.some((each) => each.result === 'retry' && !each.counts);
    return { claimed: records.length, paused, error: errors[0] };
  } finally {
    term.end();
  }
}

const overtaken = new Error('the source has a newer version, and nobody knows whether this change is in it');

async function settle(batch: Batch, verdicts: Map<ClaimedRecord, Verdict>, outcomes: Outcome[]): Promise<void> {
  const { book, token, figures, events, resource, clock } = batch;
  const claimed = [...verdicts];
  const { settled, dirty } = await book.ack(token, outcomes);
  figures.dirty = dirty;
  figures.oldest = Math.max(0, clock.now() - Math.min(...claimed.map(([{ version }]) => version)) / 1_000);
  for (const [index, [{ key, attempts }, verdict]] of claimed.entries()) {
    const { result } = outcomes[index]!;
    if (settled[index] === 'lost') figures.lost += 1;
    else if (result === 'ok') figures.written += 1;
    else if (result === 'retry') figures.retries += 1;
    if (settled[index] !== 'dead') continue;
    figures.deadLetters += 1;
    await batch.forget(key);
    const error = 'error' in verdict ? verdict.error : undefined;
    events.emit('deadLetter', { resource, key, attempts: attempts + 1, error });
  }
}

function outcomeOf(batch: Batch, { key, attempts }: ClaimedRecord, verdict: Verdict, pause: number): Outcome {
  if (verdict.result === 'ok' || verdict.result === 'conflict') return { key, result: 'ok' };
  const error = messageOf(verdict.error);
  if (verdict.result === 'reject') return { key, result: 'dead', error };
  if (!verdict.blamed) return { key, result: 'retry', after: pause, counts: false, error };
  if (attempts + 1 >= batch.maxAttempts) return { key, result: 'dead', error };
  const after = backOff(attempts, { ...batch.retry, random: batch.random });
  return { key, result: 'retry', after, counts: true, error };
}

function byOperation(records: readonly ClaimedRecord[]): ClaimedRecord[][] {
  const groups = new Map<string, ClaimedRecord[]>();
  for (const record of records) {
    const group = groups.get(record.op);
    if (group === undefined) groups.set(record.op, [record]);
    else group.push(record);
  }
  return [...groups.values()];
}

/** The time for which a claim holds, and the beats that make it longer. */
class Term {
  readonly #batch: Batch;
  readonly #abort = new AbortController();
  #deadline: number;
  #timer: { cancel(): void } | undefined;
  #ended = false;

  constructor(batch: Batch) {
    this.#batch = batch;
    this.#deadline = batch.deadline;
    batch.over.addEventListener('abort', this.#give, { once: true });
    this.#beatSoon();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get isOver(): boolean {
    return this.#abort.signal.aborted || this.#batch.clock.elapsed(true) >= this.#deadline;
  }

  end(): void {
    this.#ended = true;
    this.#timer?.cancel();
    this.#batch.over.removeEventListener('abort', this.#give);
  }

  readonly #give = (): void => {
    this.end();
    this.#abort.abort(new Error('the cache is closed'));
  };

  #beatSoon(): void {
    const { clock, lease } = this.#batch;
    this.#timer = clock.setTimer(
      lease / 3,
      () => {
        if (this.isOver) this.#abort.abort(new Error('the lease of the batch ran out'));
        else void this.#beat().finally(() => this.#ended || this.#beatSoon());
      },
      true,
    );
  }

  async #beat(): Promise<void> {
    const { book, clock, lease, token, records, events, resource } = this.#batch;
    const sentAt = clock.elapsed(true);
    try {
      const held = await book.extend(token, records.map(({ key }) => key), lease); // prettier-ignore
      // Of a claim that was lost in part nothing more is begun; what it still has is settled by others in time.
      if (held.length === records.length) this.#deadline = sentAt + lease;
      else if (!this.#ended) this.#abort.abort(new Error('the batch was claimed by another worker'));
    } catch (error) {
      events.emit('ledgerError', { resource, error });
    }
  }
}
