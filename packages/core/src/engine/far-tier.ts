import type { Budget } from '../layers/deadline.ts';
import type { Entry } from '../model/entry.ts';
import type { Eviction, Fill } from '../model/store.ts';

/** What a tier behind memory has of a key. `off` means that it cannot be asked, now or for this key. */
export type Lookup =
  | { readonly state: 'hit'; readonly entry: Entry }
  | { readonly state: 'miss'; readonly seen?: Uint8Array }
  | { readonly state: 'off' };

/** What came of asking for a lease, with the handle of the one that was granted. */
export type LeaseOutcome =
  | { readonly state: 'granted'; readonly lease: Lease }
  | { readonly state: 'held' | 'writing' | 'off' }
  | { readonly state: 'filled'; readonly entry: Entry };

/** The right of this process to fill one key, kept alive until it is used or given back. */
export interface Lease {
  readonly token: string;
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
  /** For how many milliseconds memory may serve what was true here, without asking again. */
  readonly localTrust: number;
  /** What one call of a caller may spend here. */
  budget(): Budget;
  read(keys: readonly string[], budget: Budget): Promise<Lookup[]>;
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
}
