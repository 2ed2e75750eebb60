import { type Clock, delay } from '../model/clock.ts';
import { CacheError } from '../model/errors.ts';
import type { LedgerBook, Unwritten } from '../model/ledger.ts';
import type { Isolation, Kept } from './isolation.ts';
import type { Payloads } from './payload.ts';

/** How changes that were made without knowing the value are put together, and applied to it. */
export interface Merging {
  /** Two changes as one; in whatever order they come. */
  combine(one: unknown, other: unknown): unknown;
  /** The value after the change; `null` where there was none. */
  apply(value: unknown, change: unknown): unknown;
}

export interface UnwrittenViewOptions {
  readonly resource: string;
  readonly book: LedgerBook;
  readonly clock: Clock;
  readonly payloads: Payloads;
  readonly isolation: Isolation;
  readonly merging: Merging | undefined;
  /** What the source has of the key now. */
  readonly load: (key: string) => Promise<unknown>;
}

const shortestPause = 5;
const longestPause = 100;
/** For how many milliseconds a reader waits for what nobody can know meanwhile. */
const longestWait = 10_000;

/** What readers are given of dirty keys. */
export class UnwrittenView {
  readonly #options: UnwrittenViewOptions;

  constructor(options: UnwrittenViewOptions) {
    this.#options = options;
  }

  /**
   * The value of a dirty key; `undefined` if it turns out to be clean by now.
   *
   * @throws CacheError `CONTENDED`, `LEDGER_UNAVAILABLE`, or what the loader throws.
   */
  async of(key: string, unwritten: Unwritten): Promise<Kept | undefined> {
    const { isolation, clock } = this.#options;
    const end = clock.elapsed() + longestWait;
    let found: Unwritten | undefined = unwritten;
    for (let pause = shortestPause; ; pause = Math.min(2 * pause, longestPause)) {
      if (found === undefined) return undefined;
      if (found.newest !== undefined && found.newest.op !== 'merge') return isolation.adopt(this.valueOf(found));
      const merged: { readonly value: unknown } | undefined = await this.#merged(key, found);
      if (merged !== undefined) return isolation.keep(merged.value);
      if (clock.elapsed() >= end) throw this.#contended(key);
      await delay(clock, pause);
      [found] = await this.#options.book.read([key]);
    }
  }

  /** The value that a newest record holds that is no merge. */
  valueOf({ newest }: Unwritten): unknown {
    return newest === undefined || newest.op === 'remove' ? null : this.#options.payloads.decode(newest.payload);
  }

  /**
   * What the source has, with what is to be merged. While a merge is on its way, nobody knows whether the source has it;
   * so the source is asked between two looks at the ledger that find the same, and none on its way.
   */
  async #merged(key: string, { newest, pinned }: Unwritten): Promise<{ readonly value: unknown } | undefined> {
    const { book, load, merging, payloads } = this.#options;
    if (pinned !== undefined || newest === undefined) return undefined;
    const value = await load(key);
    const [now] = await book.read([key]);
    if (now?.pinned !== undefined || now?.newest?.version !== newest.version) return undefined;
    if (merging === undefined) throw this.#unmergeable(key);
    return { value: merging.apply(value ?? null, payloads.decode(newest.payload)) };
  }

  #contended(key: string): CacheError {
    const { resource } = this.#options;
    const sentence = `resource '${resource}': a merge is on its way to the source, so that nobody knows the value`;
    return new CacheError('CONTENDED', sentence, { resource, key });
  }

  #unmergeable(key: string): CacheError {
    const { resource } = this.#options;
    const sentence = `resource '${resource}': its ledger holds merges; declare merge: { ...addition, saveMany } as it was when they were made`;
    return new CacheError('LEDGER_REFUSED', sentence, { resource, key });
  }
}
