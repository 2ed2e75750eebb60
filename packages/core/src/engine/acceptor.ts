import { randomUUID } from 'node:crypto';
import { type Clock, delay } from '../model/clock.ts';
import { CacheError } from '../model/errors.ts';
import type { DirtyRecord, DirtyWrite, LedgerBook, PutReply } from '../model/ledger.ts';
import { backOff } from './back-off.ts';
import type { FlushFigures } from './flush-figures.ts';
import { NewestWrites } from './newest-writes.ts';

/** What becomes of a write when as many keys are unwritten as may be; see `WriteBehindOptions.backPressure`. */
export interface BackPressure {
  readonly mode: 'wait' | 'reject' | 'writeThrough';
  /** Milliseconds that a write waits. */
  readonly deadline: number;
}

export interface AcceptorOptions {
  readonly resource: string;
  readonly book: LedgerBook;
  readonly clock: Clock;
  readonly random: () => number;
  readonly figures: FlushFigures;
  readonly backPressure: BackPressure;
  /** Has a worker look after the ledger. */
  readonly noted: (dirty: number) => void;
  /** Brings a record to the source past the ledger. */
  readonly writeThrough: (record: DirtyRecord) => Promise<void>;
}

type Accepted = Exclude<PutReply, { readonly state: 'full' }>;

/** For how many milliseconds a write past the ledger may be under way. */
const leaseTtl = 60_000;

const pauses = { first: 10, longest: 200 };

/** Has writes noted in a ledger, or does about a full one what the resource says. */
export class Acceptor {
  readonly #options: AcceptorOptions;
  /** Of many writes of a hot key at once the last one says it all. */
  readonly #newest = new NewestWrites((write: DirtyWrite) => this.#accept(write));
  #highest = 0;

  constructor(options: AcceptorOptions) {
    this.#options = options;
  }

  /**
   * The version of the write, or what is there where it was to be noted on a condition that is not so.
   *
   * @throws CacheError `LEDGER_FULL`, `LEDGER_UNAVAILABLE`, `DURABILITY`, or what the writer throws of a write through.
   */
  accept(write: DirtyWrite): Promise<Accepted> {
    const { op, operation, given, lease, durability = 'accepted' } = write;
    const isPlain = operation === undefined && given === undefined && lease === undefined && durability === 'accepted';
    return isPlain && op !== 'merge' ? this.#newest.write(write) : this.#accept(write);
  }

  async #accept(write: DirtyWrite): Promise<Accepted> {
    const { book, clock, random, figures, backPressure, noted } = this.#options;
    const end = clock.elapsed() + backPressure.deadline;
    for (let attempt = 0; ; attempt += 1) {
      const reply = await book.put(write);
      figures.dirty = reply.dirty;
      if (reply.state === 'changed') return reply;
      if (reply.state === 'accepted') {
        this.#highest = Math.max(this.#highest, reply.version);
        figures.accepted += 1;
        noted(reply.dirty);
        return reply;
      }
      noted(reply.dirty);
      const left = end - clock.elapsed();
      if (backPressure.mode === 'writeThrough') {
        const written = await this.#through(write, reply.dirty);
        if (written !== undefined) return written;
      }
      if (backPressure.mode === 'reject' || left <= 0) throw this.#full(write.key);
      await delay(clock, Math.min(left, backOff(attempt, { ...pauses, random })));
    }
  }

  /**
   * Writes to the source under the key's read lease, so that nobody keeps, or updates, what was there before; `undefined`
   * where that is not to be had. A write that is itself under one was made of what it has read, and waits for the ledger.
   */
  async #through({ key, op, payload, lease }: DirtyWrite, dirty: number): Promise<Accepted | undefined> {
    const { book, clock, writeThrough } = this.#options;
    const token = randomUUID();
    if (lease !== undefined || (await book.lease(key, token, leaseTtl)) !== 'granted') return undefined;
    try {
      // The ledger would have given no lower version, but for a clock that is behind this one.
      this.#highest = Math.max(clock.now() * 1_000, this.#highest + 1);
      const version = this.#highest;
      await writeThrough({ key, op, payload, version });
      return { state: 'accepted', version, dirty };
    } finally {
      await book.unlease(key, token).catch(() => undefined);
    }
  }

  #full(key: string): CacheError {
    const { resource } = this.#options;
    const sentence = `resource '${resource}': its ledger has as many unwritten keys, or one that is as old, as backPressure allows; the source takes them too slowly`;
    return new CacheError('LEDGER_FULL', sentence, { resource, key });
  }
}
