import { randomUUID } from 'node:crypto';
import { type Clock, delay } from '../model/clock.ts';
import { CacheError } from '../model/errors.ts';
import { type Key, keyText } from '../model/key.ts';
import type { DirtyWrite, LedgerBook, Unwritten } from '../model/ledger.ts';
import { backOff } from './back-off.ts';
import type { Isolation, Kept } from './isolation.ts';
import { Turns } from './turns.ts';
import type { UnwrittenView } from './unwritten-view.ts';

export interface UpdaterOptions {
  readonly resource: string;
  readonly book: LedgerBook;
  readonly clock: Clock;
  readonly random: () => number;
  readonly view: UnwrittenView;
  readonly isolation: Isolation;
  /** What the source has of the key now. */
  readonly load: (key: string) => Promise<unknown>;
  /** Has a worker bring to the source what is unwritten, now. */
  readonly wake: () => void;
}

type Condition = Pick<DirtyWrite, 'given' | 'lease'>;

export interface Update {
  readonly change: (current: Kept) => Promise<unknown>;
  /** Notes the value if the condition still holds; false if it does not. */
  readonly note: (value: unknown, condition: Condition) => Promise<boolean>;
}

/** For how many milliseconds an update tries to be the only one. */
const longest = 10_000;
const pauses = { first: 10, longest: 200 };

/**
 * Read-modify-write: of a dirty key on condition that its record is still the one that was read, of a clean one under a
 * read lease that the next write ends. A version alone would not do there: it may have come and gone.
 */
export class Updater<K extends Key> {
  readonly #options: UpdaterOptions;
  readonly #turns = new Turns();

  constructor(options: UpdaterOptions) {
    this.#options = options;
  }

  /** The value that was noted. Rejects with what the change, the loader or the ledger throws, or `CONTENDED`. */
  update(key: K, update: Update): Promise<unknown> {
    return this.#turns.run(keyText(key), () => this.#update(keyText(key), update));
  }

  async #update(key: string, { change, note }: Update): Promise<unknown> {
    const { clock, random, resource, book } = this.#options;
    const end = clock.elapsed() + longest;
    for (let attempt = 0; clock.elapsed() < end; attempt += 1) {
      const base = await this.#base(key);
      if (base !== undefined) {
        const { lease } = base.condition;
        try {
          const value = await change(base.current);
          if (await note(value, base.condition)) return value;
        } catch (error) {
          if (lease !== undefined) await book.unlease(key, lease).catch(() => undefined);
          throw error;
        }
      }
      await delay(clock, backOff(attempt, { ...pauses, random }));
    }
    const sentence = `resource '${resource}': others changed the key again and again; what many count is better merged`;
    throw new CacheError('CONTENDED', sentence, { resource, key });
  }

  /** The newest value, and the condition on which it is that. */
  async #base(key: string): Promise<{ readonly current: Kept; readonly condition: Condition } | undefined> {
    const { book, load, isolation, view, wake } = this.#options;
    const [found] = await book.read([key]);
    if (found !== undefined && isMerge(found)) wake();
    else if (found !== undefined) {
      return { current: isolation.adopt(view.valueOf(found)), condition: { given: found.newest!.version } };
    }
    const lease = randomUUID();
    if (found !== undefined || (await book.lease(key, lease, longest)) !== 'granted') return undefined;
    try {
      return { current: isolation.keep(await load(key)), condition: { lease } };
    } catch (error) {
      await book.unlease(key, lease).catch(() => undefined);
      throw error;
    }
  }
}

/** Of which nobody knows the value before the source has it. */
function isMerge({ newest }: Unwritten): boolean {
  return newest === undefined || newest.op === 'merge';
}
