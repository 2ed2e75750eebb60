import { randomUUID } from 'node:crypto';
import { Budget } from '../layers/deadline.ts';
import type { Clock } from '../model/clock.ts';
import type { Entry } from '../model/entry.ts';
import type { LedgerBook, Unwritten } from '../model/ledger.ts';
import type { Eviction, Fill } from '../model/store.ts';
import type { FarEntry, FarTier, Lease, LeaseOutcome, Lookup, Marker, Parcel, Replacement } from './far-tier.ts';
import { ownTruth, type Trust } from './trust.ts';
import { TurnBatch } from './turn-batch.ts';
import type { UnwrittenView } from './unwritten-view.ts';

export interface DirtyOverlayOptions {
  readonly book: LedgerBook;
  readonly view: UnwrittenView;
  readonly clock: Clock;
  /** How far memory may be believed where other processes write into the ledger too; `undefined` where none do. */
  readonly others: Trust | undefined;
}

/** For how many milliseconds a load may be under way that is to be kept. */
const leaseTtl = 60_000;

/**
 * Unwritten writes in front of the shared tier: while a key is dirty, what the ledger has is the truth, and neither
 * the shared tier nor the source is asked. Unlike other tiers it rejects where the ledger does not answer: what was
 * written is known to nobody else.
 */
export class DirtyOverlay implements FarTier {
  readonly #options: DirtyOverlayOptions;
  readonly #behind: FarTier | undefined;
  readonly #looks: TurnBatch<string, readonly (Unwritten | undefined)[]>;

  constructor(options: DirtyOverlayOptions, behind: FarTier | undefined) {
    this.#options = options;
    this.#behind = behind;
    this.#looks = new TurnBatch((keys) => options.book.read(keys));
  }

  get name(): string {
    return this.#behind?.name ?? 'ledger';
  }

  get maxValueBytes(): number {
    return this.#behind?.maxValueBytes ?? Infinity;
  }

  get trust(): Trust {
    return this.#behind?.trust ?? this.#options.others ?? ownTruth;
  }

  budget(): Budget {
    return this.#behind?.budget() ?? new Budget(this.#options.clock, 0);
  }

  async read(key: string, budget: Budget): Promise<Lookup> {
    const dirty = await this.#unwritten(key);
    // Asked after the ledger: what is clean there has left the shared tier before it was.
    const found = dirty ?? (await this.#behind?.read(key, budget));
    if (dirty !== undefined || found === undefined) return dirty ?? this.#nothing;
    // What this process has written while the shared tier was asked costs nothing to know.
    return (this.#options.others === undefined && (await this.#unwritten(key))) || found;
  }

  /** Dirty values are not kept anywhere by reading them: once they are written, the source is the truth again. */
  async #unwritten(key: string): Promise<Lookup | undefined> {
    const { reply, place } = this.#looks.join(key);
    const unwritten = (await reply)[place];
    const kept = unwritten && (await this.#options.view.of(key, unwritten));
    return kept && { state: 'unwritten', kept };
  }

  async lease(key: string, budget: Budget, seen: Uint8Array | undefined): Promise<LeaseOutcome> {
    if (this.#behind !== undefined) return this.#behind.lease(key, budget, seen);
    if (this.#options.others === undefined) return { state: 'off' };
    const token = randomUUID();
    // There is no tier to bring a value to: who does not get the lease loads for himself, and keeps nothing.
    const state = await this.#options.book.lease(key, token, leaseTtl);
    return state === 'granted' ? { state, lease: { token, stopBeating: () => undefined } } : { state: 'writing' };
  }

  pack(entry: Entry): Parcel {
    return this.#behind?.pack(entry) ?? { entry, frame: new Uint8Array(), ttl: 0 };
  }

  async fill(key: string, lease: Lease, parcel: Parcel): Promise<Fill | 'off'> {
    const { book } = this.#options;
    try {
      // That the lease still stands proves that nobody has written the key since.
      if (this.#behind === undefined) return (await book.unlease(key, lease.token)) ? 'filled' : 'refused';
      const [unwritten] = await book.read([key]);
      if (unwritten === undefined) return await this.#behind.fill(key, lease, parcel);
    } catch {
      // What the ledger does not say is not kept; who waits for the value has it.
    }
    await this.release(key, lease);
    return 'refused';
  }

  async release(key: string, lease: Lease): Promise<boolean> {
    if (this.#behind !== undefined) return this.#behind.release(key, lease);
    if (this.#options.others === undefined) return true;
    return this.#options.book.unlease(key, lease.token).catch(() => false);
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
    if ((await this.#options.book.read([key]))[0] !== undefined) return 'nothing';
    return this.#behind === undefined ? 'alone' : this.#behind.replace(key, change);
  }

  /** What a look at nothing finds: where others write too, the right to keep a load has to be asked for. */
  get #nothing(): Lookup {
    return this.#options.others === undefined ? { state: 'off' } : { state: 'nothing' };
  }
}

const unmarked: Marker = { token: '', told: false, stopBeating: () => undefined };
