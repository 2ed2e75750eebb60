import type { DirtyWrite, PutReply } from '../../../model/ledger.ts';
import { CacheError } from '../../../model/errors.ts';
import type { PutBatch } from './put-batch.ts';

interface Waiting {
  readonly write: DirtyWrite;
  resolve(reply: PutReply): void;
  reject(error: unknown): void;
}

export interface PutsOptions {
  /** How many calls are under way at once. */
  readonly atOnce: number;
  /** A name for the next call. */
  readonly name: () => string;
  /** Settles the writes of one call: a reply or an error for each, or it rejects for all. */
  readonly send: (batch: PutBatch) => Promise<(PutReply | Error)[]>;
}

/** The most writes and bytes of one call, during which Redis does nothing else. */
const mostWrites = 250;
const mostBytes = 2 ** 20;

/** So many may wait; who brings more than a Redis that does not answer can take is told so. */
const mostWaiting = 20_000;

/** Gathers the writes of one turn of the event loop, and those that come while no more calls may be under way. */
export class Puts {
  readonly #options: PutsOptions;
  #waiting: Waiting[] = [];
  #planned = false;
  #calls = 0;
  #unanswered = 0;

  constructor(options: PutsOptions) {
    this.#options = options;
  }

  put(write: DirtyWrite): Promise<PutReply> {
    if (this.#unanswered >= mostWaiting) {
      const sentence = `${mostWaiting} writes wait for the ledger in Redis already; this one was not made`;
      return Promise.reject(new CacheError('LEDGER_UNAVAILABLE', sentence, { key: write.key, store: 'redis ledger' }));
    }
    this.#unanswered += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ write, resolve, reject });
      this.#plan();
    });
  }

  #plan(): void {
    if (this.#planned || this.#calls >= this.#options.atOnce) return;
    this.#planned = true;
    // A tick, not a microtask: callers that go on in the same turn come along.
    process.nextTick(() => {
      this.#planned = false;
      while (this.#waiting.length > 0 && this.#calls < this.#options.atOnce) void this.#call(this.#next());
    });
  }

  /** The next writes, at least one. */
  #next(): Waiting[] {
    let [count, bytes] = [0, 0];
    for (const { write } of this.#waiting) {
      bytes += write.payload.length;
      if (count === mostWrites || (count > 0 && bytes > mostBytes)) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #call(waiting: readonly Waiting[]): Promise<void> {
    this.#calls += 1;
    try {
      const writes = waiting.map(({ write }) => write);
      const replies = await this.#options.send({ name: this.#options.name(), writes });
      for (const [at, each] of waiting.entries()) {
        const reply = replies[at]!;
        if (reply instanceof Error) each.reject(reply);
        else each.resolve(reply);
      }
    } catch (error) {
      for (const each of waiting) each.reject(error);
    } finally {
      this.#calls -= 1;
      this.#unanswered -= waiting.length;
      if (this.#waiting.length > 0) this.#plan();
    }
  }
}
