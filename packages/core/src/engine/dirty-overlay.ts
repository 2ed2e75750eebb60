import { Budget } from '../layers/deadline.ts';
import type { Clock } from '../model/clock.ts';
import type { Entry } from '../model/entry.ts';
import type { DirtyRecord, LedgerBook } from '../model/ledger.ts';
import type { Eviction, Fill } from '../model/store.ts';
import type { FarTier, Lease, LeaseOutcome, Lookup, Marker, Parcel } from './far-tier.ts';

/**
 * Unwritten writes in front of the shared tier: while a key is dirty, what the ledger has is the truth, and neither
 * the shared tier nor the source is asked.
 */
export class DirtyOverlay implements FarTier {
  readonly #book: LedgerBook;
  readonly #clock: Clock;
  readonly #behind: FarTier | undefined;

  constructor(book: LedgerBook, clock: Clock, behind: FarTier | undefined) {
    this.#book = book;
    this.#clock = clock;
    this.#behind = behind;
  }

  get name(): string {
    return this.#behind?.name ?? 'ledger';
  }

  get localTrust(): number {
    return this.#behind?.localTrust ?? Infinity;
  }

  budget(): Budget {
    return this.#behind?.budget() ?? new Budget(this.#clock, 0);
  }

  async read(keys: readonly string[], budget: Budget): Promise<Lookup[]> {
    const dirty = await Promise.all(keys.map((key) => this.#book.read(key)));
    const clean = keys.filter((_, index) => dirty[index] === undefined);
    const found = clean.length === 0 ? [] : await this.#behind?.read(clean, budget);
    // A key that was written while the shared tier was asked counts as what it is now.
    const since = await Promise.all(clean.map((key) => this.#book.read(key)));
    const lookups = new Map(clean.map((key, index) => [key, this.#hit(since[index]) ?? found?.[index]]));
    return keys.map((key, index) => this.#hit(dirty[index]) ?? lookups.get(key) ?? off);
  }

  async lease(key: string, budget: Budget, seen: Uint8Array | undefined): Promise<LeaseOutcome> {
    return this.#behind === undefined ? off : this.#behind.lease(key, budget, seen);
  }

  pack(entry: Entry): Parcel {
    return this.#behind!.pack(entry);
  }

  async fill(key: string, lease: Lease, parcel: Parcel): Promise<Fill | 'off'> {
    if ((await this.#book.read(key)) === undefined) return this.#behind!.fill(key, lease, parcel);
    await this.#behind!.release(key, lease);
    return 'refused';
  }

  async release(key: string, lease: Lease): Promise<boolean> {
    return this.#behind === undefined || this.#behind.release(key, lease);
  }

  async mark(key: string, budget: Budget): Promise<Marker> {
    return this.#behind === undefined ? unmarked : this.#behind.mark(key, budget);
  }

  async commit(key: string, marker: Marker, parcel: Parcel | undefined): Promise<Fill | 'pending'> {
    return this.#behind === undefined ? 'filled' : this.#behind.commit(key, marker, parcel);
  }

  async evict(keys: readonly string[]): Promise<Eviction> {
    return this.#behind === undefined ? 'done' : this.#behind.evict(keys);
  }

  /** A dirty value is not kept anywhere by reading it: once it is written, the source is the truth again. */
  #hit(record: DirtyRecord | undefined): Lookup | undefined {
    if (record === undefined) return undefined;
    const now = this.#clock.now();
    const times = { createdAt: now, freshUntil: now, staleUntil: now, graceUntil: now, loadMs: 0 };
    return { state: 'hit', entry: { ...times, value: record.value, tags: [], known: { generation: '', at: 0 } } };
  }
}

const off = { state: 'off' } as const;
const unmarked: Marker = { token: '', told: false, stopBeating: () => undefined };
