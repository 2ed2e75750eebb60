import type { Budget } from '../layers/deadline.ts';
import type { Entry } from '../model/entry.ts';
import type { Eviction, Fill } from '../model/store.ts';
import type { Freshness } from './freshness.ts';
import type { Kept } from './isolation.ts';
import type { Trust } from './trust.ts';

/** A value of a tier behind memory, ready to be handed out, and the very bytes that it was there. */
export interface FarEntry {
  readonly entry: Entry;
  readonly kept: Kept;
  readonly state: Exclude<Freshness, 'over'>;
  readonly frame: Uint8Array;
}

/**
 * What a tier behind memory has of a key: a valid entry, be it stale; nothing of use, but perhaps a frame that is
 * (`seen`); a write that the source has not got yet, which is the truth and is not to be kept; or `off`: it cannot be
 * asked, now or for this key.
 */
export type Lookup =
  | { readonly state: 'found'; readonly found: FarEntry }
  | { readonly state: 'nothing'; readonly seen?: Uint8Array }
  | { readonly state: 'unwritten'; readonly kept: Kept }
  | { readonly state: 'off' };

/** What came of asking for a lease, with the handle of the one that was granted, or what is there by now. */
export type LeaseOutcome =
  | { readonly state: 'granted'; readonly lease: Lease }
  | { readonly state: 'held' | 'writing' | 'off' }
  | { readonly state: 'filled'; readonly lookup: Lookup };

/** The right of this process to fill one key, kept alive until it is used or given back. */
export interface Lease {
  readonly token: string;
  /** Whether an older value is there, which memories of other processes may have. */
  readonly replaces?: boolean;
  stopBeating(): void;
}

/** A writer's claim on one key. */
export interface Marker {
  readonly token: string;
  /** False where the tier may not have heard of it: the key is suspect then. */
  readonly told: boolean;
  stopBeating(): void;
}

/** An entry made ready for the tier. */
export interface Parcel {
  readonly entry: Entry;
  readonly frame: Uint8Array;
  /** Milliseconds that it is worth keeping. */
  readonly ttl: number;
}

/**
 * What lies behind memory, as the engine sees it. Nothing here rejects for a fault of the tier's own: it is told by
 * event and answered as `off`, `refused` or `pending`.
 */
export interface FarTier {
  readonly name: string;
  /** Until when memory may serve what was true here, without asking again. */
  readonly trust: Trust;
  /** Frames of more bytes are not sent. */
  readonly maxValueBytes: number;
  /** What one call of a caller may spend here. */
  budget(): Budget;
  /** What is read within one turn leaves as one. */
  read(key: string, budget: Budget): Promise<Lookup>;
  lease(key: string, budget: Budget, seen: Uint8Array | undefined): Promise<LeaseOutcome>;
  /** @throws CacheError `UNSTORABLE_VALUE`. */
  pack(entry: Entry): Parcel;
  /**
   * `refused` when something overtook the load, be it an invalidation of tags that came while it ran; `off` when the
   * tier could not be asked: nobody knows what it has now.
   */
  fill(key: string, lease: Lease, parcel: Parcel): Promise<Fill | 'off'>;
  /** False when the lease was lost before: something overtook the load. */
  release(key: string, lease: Lease): Promise<boolean>;
  mark(key: string, budget: Budget): Promise<Marker>;
  /** `filled` or `refused` say that the deletion was made in any case. */
  commit(key: string, marker: Marker, parcel: Parcel | undefined): Promise<Fill | 'pending'>;
  evict(keys: readonly string[]): Promise<Eviction>;
  /** Puts what `change` makes of an entry in its place, unless somebody has loaded or written the key meanwhile. */
  replace(key: string, change: (found: FarEntry) => Entry | undefined): Promise<Replacement>;
}

/**
 * `nothing` where there is no entry or nothing to change; `refused` where somebody else is at work on the key; `alone`
 * where no store lies behind memory, whose entry is all there is.
 */
export type Replacement = 'done' | 'nothing' | 'refused' | 'off' | 'alone';
