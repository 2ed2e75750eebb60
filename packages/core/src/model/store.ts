import type { Clock } from './clock.ts';
import type { CounterSpace } from './counters.ts';
import type { Entry, TagClock } from './entry.ts';
import type { RecordSpace } from './records.ts';

/**
 * A tier to give to `createCache({ tiers })`: settings only, nothing is opened before the cache opens it.
 * A local store holds entries in this process; a shared store holds frames (bytes) for many processes.
 */
export type Store = LocalStore | SharedStore;

/** What a store is opened with. */
export interface StoreContext {
  /** All that the store keeps, it keeps under this name; it never touches anything else. */
  readonly namespace: string;
  readonly clock: Clock;
  /** Tells of a failure that no call in progress can carry, such as a lost connection. */
  report(error: unknown): void;
}

/** A store in this process. It answers at once and never fails. */
export interface LocalStore {
  readonly name: string;
  readonly scope: 'process';
  open(context: StoreContext): LocalSpace;
}

export interface LocalSpace {
  /** The entries of one resource, by raw key; asked for once per resource. */
  segment(name: string): LocalSegment;
  close(): void;
}

/** The entries of one resource. It bounds itself and may forget any entry at any time; freshness is the reader's to judge. */
export interface LocalSegment {
  /** The entry of the key; being asked for counts as use. */
  get(key: string): LocalEntry | undefined;
  /** Keeps an entry in place of the one there may be; false where it is too large to be kept, and then neither is. */
  set(key: string, entry: LocalEntry): boolean;
  delete(key: string): void;
  readonly size: number;
  figures(): LocalFigures;
}

/** What a segment holds, and what it has dropped by itself. */
export interface LocalFigures {
  readonly entries: number;
  /** About how many bytes they take; `undefined` where bytes are not counted, because nothing bounds them. */
  readonly bytes: number | undefined;
  readonly evictions: {
    /** Dropped to make room. */
    readonly capacity: number;
    /** Dropped after `keptUntil` or `idleUntil`. */
    readonly expired: number;
    /** Refused for being larger than all the room there is. */
    readonly tooLarge: number;
  };
}

/** An entry as this process holds it. Its own instants are by `Clock.elapsed`, which is never set back. */
export interface LocalEntry extends Entry {
  /** Until when it is served without a further thought. */
  servedUntil: number;
  /** Until when what it says need not be asked for further away. */
  trustedUntil: number;
  /** When it was last known to be what all others have. */
  readonly trueAt: number;
  /** From when on it is of no use to anybody: the store may drop it. */
  readonly keptUntil: number;
  /** `Clock.now` minus `Clock.elapsed` when it was kept: what makes the entry's instants comparable with those above. */
  readonly skew: number;
  /** When it will have been unused for too long, and is of no use either. Each use moves it on. */
  idleUntil: number;
  /** The version of the known tag invalidations at which it was last found valid. */
  checkedVersion: number;
  /** Makes what a caller gets out of `value`; `undefined` where that is the value itself. */
  readonly handOut: ((value: unknown) => unknown) | undefined;
  /** Its value as a settled promise, where every caller may be given the very same value. */
  readonly settled: Promise<unknown> | undefined;
}

/** Whether a deletion has been made, or will be made as soon as the store is in reach again. */
export type Eviction = 'done' | 'pending';

/** Whether a value was stored, or a newer change forbade it. */
export type Fill = 'filled' | 'refused';

/** What a shared store can do; a cache refuses a store that lacks what it needs. */
export interface StoreCapabilities {
  /** `lease`, `fill`, `mark` and `commit` compare and act in one atomic step. Without it a late write may bury a newer one. */
  readonly conditionalFill: boolean;
}

/** A store shared by many processes. */
export interface SharedStore {
  readonly name: string;
  readonly scope: 'shared';
  readonly capabilities: StoreCapabilities;
  /** The most milliseconds one call of a caller spends on this store, whatever it does there. */
  readonly deadline: number;
  /** Larger values are not sent, which an event tells. Default: no bound. */
  readonly maxValueBytes?: number;
  open(context: StoreContext): SharedSpace;
}

/** What a lookup of several keys brought: frames in the order of the keys, and the tag clock of the same instant. */
export interface SharedRead {
  readonly frames: readonly (Uint8Array | undefined)[];
  /** `undefined` where the record of tags does not exist (yet, or any more). */
  readonly clock: TagClock | undefined;
}

/**
 * What came of asking for the right to fill a key:
 * `granted`, this caller loads; `held`, another one does; `writing`, a writer is at work and nobody may fill;
 * `filled`, there is a value by now.
 */
export type LeaseReply =
  | { readonly state: 'granted' }
  | { readonly state: 'held' }
  | { readonly state: 'writing' }
  | { readonly state: 'filled'; readonly frame: Uint8Array };

export interface LeaseRequest {
  /** Random, of this load only. */
  readonly token: string;
  /** Milliseconds without `extend` after which the lease is another's to take. */
  readonly ttl: number;
  /** A frame that the caller has and finds too old: it does not count as a value. */
  readonly seen?: Uint8Array;
}

export interface FillRequest {
  readonly token: string;
  readonly frame: Uint8Array;
  /** Milliseconds until the store forgets it. */
  readonly ttl: number;
}

export interface ReplaceRequest extends Omit<FillRequest, 'token'> {
  /** The frame that is to be there still, byte for byte. */
  readonly seen: Uint8Array;
}

/** What was invalidated, and when; and the clock up to which this is all. */
export interface TagRecord {
  readonly clock: TagClock;
  /** Microseconds by tag. */
  readonly instants: ReadonlyMap<string, number>;
}

/**
 * A namespace opened in a shared store. Addresses name one value each, and are opaque but for this: they
 * are not empty, have at most 2 KiB, and no braces, which on a Redis Cluster name a slot.
 * Every method may reject, hang or answer late: deadlines, breakers and repairs are put around it, not into it.
 * A value is stored by `fill` or `commit` only; there is no unconditional way to set one.
 */
export interface SharedSpace {
  /**
   * Looks several addresses up in one round trip; without any it tells the tag clock alone. An address that holds
   * something foreign counts as empty.
   */
  read(addresses: readonly string[]): Promise<SharedRead>;
  /** Asks for the right to load and fill one address. */
  lease(address: string, request: LeaseRequest): Promise<LeaseReply>;
  /** Keeps a lease or a write marker alive for another `ttl` milliseconds; false when it is no longer held. */
  extend(address: string, token: string, ttl: number): Promise<boolean>;
  /** Stores what a load brought, if its lease still stands and no writer is at work; ends the lease. */
  fill(address: string, request: FillRequest): Promise<Fill>;
  /**
   * Stores a frame in the place of the very one that was seen. Refused where another one or none is there, where somebody
   * has the lease, or a writer is at work.
   */
  replace(address: string, request: ReplaceRequest): Promise<Fill>;
  /** Gives a lease back without a value, so that a waiting reader may take it at once; false when it was lost before. */
  release(address: string, token: string): Promise<boolean>;
  /** A writer begins: deletes the values and leases, and forbids every fill until `commit` or for `ttl` milliseconds. */
  mark(addresses: readonly string[], token: string, ttl: number): Promise<void>;
  /**
   * A writer is done. Its value is stored if it was the only writer from `mark` until now, else the address stays
   * empty. Without a frame it only takes the marker away, and deletes once more.
   */
  commit(address: string, token: string, value?: Omit<FillRequest, 'token'>): Promise<Fill>;
  /**
   * Deletes values and leases, so that no load in progress can fill them. Markers stay, and writers at work count
   * as overlapped: what they bring may be older than this eviction.
   */
  evict(addresses: readonly string[]): Promise<Eviction>;
  /**
   * Invalidates every entry that has one of the tags and was loaded before now; the answer is the instant given. A
   * record that has grown too large may forget tags where it invalidates all that is older than the latest of them.
   */
  invalidate(tags: readonly string[]): Promise<TagClock>;
  /**
   * What was invalidated after `since`, or all that ever was where the record is of another generation; creates an
   * empty record where there is none.
   */
  tags(since: TagClock): Promise<TagRecord>;
  /** The records of one name, which are no entries of a cache; missing in a store that keeps none. */
  records?(name: string): RecordSpace;
  /** The counters of one name; missing in a store that cannot count and compare in one step. */
  counters?(name: string): CounterSpace;
  /** Resolves once the store answers. */
  ping(): Promise<void>;
  /** Gives the connection up for a new one: calls have timed out so often that it counts as frozen. */
  reset(): void;
  /** Ends the connection, without waiting for a store that does not answer. */
  close(): Promise<void>;
}
