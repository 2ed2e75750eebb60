import { CacheError } from '../model/errors.ts';
import type { RecordSpace } from '../model/records.ts';
import { textAddress } from '../model/text-address.ts';

/** Does something with what is behind, within its deadline. */
export type Ask<S> = <T>(work: (space: S) => Promise<T>) => Promise<T>;

export interface RecordsSettings {
  readonly ask: Ask<RecordSpace>;
  /** Larger records are refused. */
  readonly maxBytes: number;
}

export interface SetRecordOptions {
  /** Only in the place of one that is there: a change of what somebody else has deleted does not bring it back. */
  readonly ifExists?: boolean;
}

/**
 * Bytes that are set and deleted outright and are the only copy there is, such as sessions. They are kept in the shared
 * tier, or without one in this process; never in the memory in front of it, so that what one process deletes is gone
 * for all at once. A call that the store has not confirmed rejects with a `CacheError`, within the store's deadline:
 * nothing is taken for missing, or for deleted, that only could not be asked.
 */
export class Records {
  readonly #ask: Ask<RecordSpace>;
  readonly #maxBytes: number;

  /** @internal Use `cache.records(name)`. */
  constructor({ ask, maxBytes }: RecordsSettings) {
    this.#ask = ask;
    this.#maxBytes = maxBytes;
  }

  /** The record; `undefined` where there is none, or its time is over. A key is any text. */
  get(key: string): Promise<Uint8Array | undefined> {
    const address = textAddress(key);
    return this.#ask((space) => space.get(address));
  }

  /**
   * Sets the record for `ttl` milliseconds; false if it was not, since `ifExists` was asked for and there is none. Where it
   * rejects with `STORE_TIMEOUT` the record may have been set before that; in Redis it is not set any more after it.
   */
  async set(key: string, record: Uint8Array, ttl: number, options: SetRecordOptions = {}): Promise<boolean> {
    if (record.byteLength > this.#maxBytes) {
      const sentence = `a record of ${record.byteLength} bytes is larger than ${this.#maxBytes}; keep less in it, or give the store a larger maxValueBytes`;
      throw new CacheError('UNSTORABLE_VALUE', sentence);
    }
    const address = textAddress(key);
    return this.#ask((space) => space.set(address, record, wholeTtl(ttl), options.ifExists === true));
  }

  /** Gives the record another `ttl` milliseconds from now; false where there is none, and then there is none after it. */
  async touch(key: string, ttl: number): Promise<boolean> {
    const address = textAddress(key);
    return this.#ask((space) => space.touch(address, wholeTtl(ttl)));
  }

  /** Deletes the record. Once it has resolved there is none for anybody. */
  delete(key: string): Promise<void> {
    const address = textAddress(key);
    return this.#ask((space) => space.delete(address));
  }

  /** How many records there are. It looks at every key of the store, some at a time: not for each request. */
  async count(): Promise<number> {
    let count = 0;
    for await (const addresses of this.#pages()) count += addresses.length;
    return count;
  }

  /** All records, in no order; the same cost as `count`, and that of reading them. */
  async *values(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const addresses of this.#pages()) {
      const records = await Promise.all(addresses.map((address) => this.#ask((space) => space.get(address))));
      for (const record of records) if (record !== undefined) yield record;
    }
  }

  /** Deletes all records that were there when it began; the same cost as `count`, and that of deleting them. */
  async clear(): Promise<void> {
    for await (const addresses of this.#pages()) {
      await Promise.all(addresses.map((address) => this.#ask((space) => space.delete(address))));
    }
  }

  /** The addresses, each of them once; every page has a deadline of its own. */
  async *#pages(): AsyncGenerator<readonly string[], void, undefined> {
    const seen = new Set<string>();
    const pages = await this.#ask(async (space) => space.scan?.());
    if (pages === undefined) {
      throw new CacheError('INVALID_OPTION', 'the store of this cache keeps records, but cannot tell which');
    }
    for (;;) {
      const page = await this.#ask(() => pages.next());
      if (page.done === true) return;
      const fresh = page.value.filter((address) => !seen.has(address));
      for (const address of fresh) seen.add(address);
      yield [...new Set(fresh)];
    }
  }
}

const longest = 10 * 365 * 86_400_000;

function wholeTtl(ttl: number): number {
  if (ttl > 0) return Math.min(Math.ceil(ttl), longest);
  throw new CacheError(
    'INVALID_OPTION',
    `a record lives for more than zero milliseconds, not for ${ttl}; to end it, delete it`,
  );
}
