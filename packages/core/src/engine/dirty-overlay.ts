import { Budget } from '../layers/deadline.ts';
import type { Clock } from '../model/clock.ts';
import type { Entry } from '../model/entry.ts';
import type { DirtyRecord, LedgerBook } from '../model/ledger.ts';
import type { Eviction, Fill } from '../model/store.ts';
import type { Kept } from './isolation.ts';
import type { FarEntry, FarTier, Lease, LeaseOutcome, Lookup, Marker, Parcel, Replacement } from './far-tier.ts';
import { ownTruth, type Trust } from './trust.ts';

/**
 * Unwritten writes in front of the shared tier: while a key is dirty, what the ledger has is the truth, and neither
 * the shared tier nor the source is asked.
 */
export class DirtyOverlay implements FarTier {
  readonly #book: LedgerBook;
  readonly #clock: Clock;
  readonly #adopt: (value: unknown) => Kept;
  readonly #behind: FarTier | undefined;

  /** `adopt` makes of a value of the ledger what callers get. */
  constructor(book: LedgerBook, clock: Clock, adopt: (value: unknown) => Kept, behind: FarTier | undefined) {
    this.#book = book;
    this.#clock = clock;
    this.#adopt = adopt;
    this.#behind = behind;
  }

  get name(): string {
    return this.#behind?.name ?? 'ledger';
  }

  get maxValueBytes(): number {
    return this.#behind?.maxValueBytes ?? Infinity;
  }

  get trust(): Trust {
    return this.#behind?.trust ?? ownTruth;
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
    const lookups = new Map(clean.map((key, index) => [key, this.#unwritten(since[index]) ?? found?.[index]]));
    return keys.map((key, index) => this.#unwritten(dirty[index]) ?? lookups.get(key) ?? off);
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

  async replace(key: string, change: (found: FarEntry) => Entry | undefined): Promise<Replacement> {
    if ((await this.#book.read(key)) !== undefined) return 'nothing';
    return this.#behind === undefined ? 'alone' : this.#behind.replace(key, change);
  }

  /** A dirty value is not kept anywhere by reading it: once it is written, the source is the truth again. */
  #unwritten(record: DirtyRecord | undefined): Lookup | undefined {
    return record === undefined ? undefined : { state: 'unwritten', kept: this.#adopt(record.value) };
  }
}

const off = { state: 'off' } as const;
const unmarked: Marker = { token: '', told: false, stopBeating: () => undefined };
