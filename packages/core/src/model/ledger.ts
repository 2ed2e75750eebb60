import type { Clock } from './clock.ts';

/** What is to be done to the source: a new value, none any more, or a change that can be added to others in any order. */
export type DirtyOp = 'save' | 'remove' | 'merge';

/** How sure a write is when it is accepted; see docs/write-behind.md. */
export type Durability = 'accepted' | 'fsynced' | { readonly replicated: number };

/** A write that the system of record has not got yet. */
export interface DirtyRecord {
  /** The key as text: there is one newest write per key. */
  readonly key: string;
  readonly op: DirtyOp;
  /** The value, or what is to be merged; no bytes for a removal. */
  readonly payload: Uint8Array;
  /** Rises with every write of a key: a hybrid clock in microseconds. */
  readonly version: number;
}

export interface DirtyWrite extends Omit<DirtyRecord, 'version'> {
  /** Names this write: given once more, within a minute or so, it is not made again but answered with its version. */
  readonly operation?: string | undefined;
  /** Only if the newest unwritten record of the key has this version; 0 if there is to be none. */
  readonly given?: number | undefined;
  /** Only if this read lease of the key still stands. */
  readonly lease?: string | undefined;
  /** The version is to be higher than this one. */
  readonly above?: number | undefined;
  /** Default: `'accepted'`. */
  readonly durability?: Durability | undefined;
}

/** What the source does not have yet of one key. */
export interface Unwritten {
  /** The newest write, claimed or not. */
  readonly newest: DirtyRecord | undefined;
  /** A merge that some worker has claimed: whether the source has it is not known. `newest` comes on top of it. */
  readonly pinned: DirtyRecord | undefined;
}

/** `dirty` is how many keys were unwritten then, as far as the ledger can tell without counting. */
export type PutReply = { readonly dirty: number } & (
  | { readonly state: 'accepted'; readonly version: number }
  /** There are as many unwritten keys as there may be, or the oldest is too old. Nothing was noted. */
  | { readonly state: 'full' }
  /** What the write was given on condition of is not so. Nothing was noted. */
  | { readonly state: 'changed'; readonly current: Unwritten | undefined }
);

export interface ClaimRequest {
  readonly token: string;
  /** The most records. */
  readonly max: number;
  /** Milliseconds after which others may claim them. */
  readonly lease: number;
  /** Also what is not due yet. */
  readonly all: boolean;
}

export interface ClaimedRecord extends DirtyRecord {
  /** How often the writer has refused this very version. */
  readonly attempts: number;
}

/** Records that one worker has taken, to write them to the source. Nobody else is given them while the lease lasts. */
export interface Claim {
  readonly records: readonly ClaimedRecord[];
  /** Milliseconds until there is something to claim, as far as is known now; `undefined` if nothing is dirty. */
  readonly next: number | undefined;
  readonly dirty: number;
}

/** What became of a claimed record. */
export type Outcome = { readonly key: string } & (
  | { readonly result: 'ok' }
  /** Due again in `after` milliseconds; whether that `counts` as a refusal of this version. */
  | { readonly result: 'retry'; readonly after: number; readonly counts: boolean; readonly error: string }
  | { readonly result: 'dead'; readonly error: string }
);

/**
 * `clean`, `again` if it is queued again, `dead` if it is a dead letter now, `healed` if a newer write took its place,
 * `lost` if the lease had run out: then nothing was changed.
 */
export type Settled = 'clean' | 'again' | 'dead' | 'healed' | 'lost';

/** A write that was given up. */
export interface DeadRecord extends ClaimedRecord {
  readonly id: string;
  readonly error: string;
}

/** `superseded` by a newer write, which is the truth; `busy` with other merges, to be tried again later. */
export type Redrive = 'redriven' | 'superseded' | 'busy' | 'gone';

export interface LedgerFigures {
  /** How many keys are unwritten, claimed or not. */
  readonly dirty: number;
  readonly claimed: number;
  readonly dead: number;
  /** For how many milliseconds the oldest unwritten write has been waiting; 0 if there is none. */
  readonly oldest: number;
}

/** Where a write-behind resource notes what the source does not have yet. Settings only, until it is opened. */
export interface Ledger {
  readonly name: string;
  /** Who shares it: this process alone, or all that name the same place. */
  readonly scope: 'process' | 'shared';
  /** What it can promise of a write, beyond having accepted it. */
  readonly durability: readonly ('fsynced' | 'replicated')[];
  open(context: LedgerContext): LedgerBook;
}

export interface LedgerContext {
  readonly namespace: string;
  readonly resource: string;
  readonly clock: Clock;
  /** Milliseconds after a key's first unwritten write at which it is due. */
  readonly due: number;
  /** The most unwritten keys, or that many per shard. */
  readonly max: number;
  /** While a write has waited for more milliseconds, no more keys are taken. Default: it may wait for ever. */
  readonly maxAge?: number | undefined;
  /** Tells that what was accepted is not there any more. */
  lost(reason: string): void;
  /** Tells of a failure that no call rejects for. */
  report(error: unknown): void;
}

/**
 * The unwritten writes of one resource, newest per key. Calls reject with a `CacheError`, `LEDGER_UNAVAILABLE` where the
 * ledger does not answer, and with nothing else; what then became of the call is not known, but for `put`: with the same
 * `operation` it can be made again.
 */
export interface LedgerBook {
  /**
   * Notes a write, in place of an older one of the same key; it is accepted when this has resolved.
   *
   * @throws CacheError `DURABILITY`, with `applied: true`, where it is accepted but not as sure as was asked for.
   */
  put(write: DirtyWrite): Promise<PutReply>;
  /** What is unwritten of each key, in their order. */
  read(keys: readonly string[]): Promise<(Unwritten | undefined)[]>;
  /** Takes the read lease of a clean key, which the next write of the key ends; else tells why not. */
  lease(key: string, token: string, ttl: number): Promise<'granted' | 'held' | 'dirty'>;
  /** Gives the read lease back; false if it had ended. */
  unlease(key: string, token: string): Promise<boolean>;
  /** Takes up to `max` records that nobody holds, those first that wait longest. */
  claim(request: ClaimRequest): Promise<Claim>;
  /** Settles claimed records, each with its outcome, in their order. */
  ack(token: string, outcomes: readonly Outcome[]): Promise<{ readonly settled: Settled[]; readonly dirty: number }>;
  /** Holds claimed records for another `lease` milliseconds; gives the keys that are still held. */
  extend(token: string, keys: readonly string[], lease: number): Promise<string[]>;
  /** Without a mark: one for now. With it: whether some write from before it has not reached the source. */
  drain(mark?: string): Promise<{ readonly mark: string; readonly left: boolean }>;
  /** Writes that were given up, the oldest first: up to `max` after the one of that id. */
  dead(max: number, after?: string): Promise<DeadRecord[]>;
  /** Queues a dead letter again, under the same version unless it is a merge, if there is nothing newer. */
  redrive(id: string): Promise<Redrive>;
  /** Drops a dead letter; false if there is none of that id. */
  discard(id: string): Promise<boolean>;
  stats(): Promise<LedgerFigures>;
  /** Whatever is under way rejects. What is noted stays as durable as it is. */
  close(): Promise<void>;
}
