import type { Clock } from './clock.ts';

/** A write that the system of record has not got yet. */
export interface DirtyWrite {
  /** The key as text: there is one newest write per key. */
  readonly key: string;
  readonly op: 'save' | 'remove';
  /** The value in the form tiers keep; `null` for a removal. */
  readonly value: unknown;
}

export interface DirtyRecord extends DirtyWrite {
  /** Rises with every write of a key: a hybrid clock in microseconds. */
  readonly version: number;
}

/** Records that one worker has taken, to write them to the source. Nobody else is given them meanwhile. */
export interface Claim {
  readonly token: string;
  readonly records: readonly DirtyRecord[];
}

/** Where a write-behind resource notes what the source does not have yet. Settings only, until it is opened. */
export interface Ledger {
  readonly name: string;
  open(context: LedgerContext): LedgerBook;
}

export interface LedgerContext {
  readonly resource: string;
  readonly clock: Clock;
  /** Milliseconds after a key's first unwritten write at which it is due. */
  readonly due: number;
}

/** The unwritten writes of one resource, newest per key. */
export interface LedgerBook {
  /** Notes a write, in place of an older one of the same key; it is accepted when this has resolved. */
  put(write: DirtyWrite): Promise<DirtyRecord>;
  /** The newest unwritten write of a key, claimed or not. */
  read(key: string): Promise<DirtyRecord | undefined>;
  /** Takes up to `max` records that nobody has claimed, those first that wait longest: what is due, or `everything`. */
  claim(max: number, everything: boolean): Promise<Claim>;
  /** The claimed records are written. One that was written anew meanwhile stays, and is due again. */
  done(claim: Claim): Promise<void>;
  /** The claimed records were not written; they are due again in `ms` milliseconds. */
  retry(claim: Claim, ms: number): Promise<void>;
  /** How many keys are unwritten. */
  readonly dirty: number;
  /** When the next unclaimed record is due, by `Clock.elapsed`. */
  nextDue(): number | undefined;
}
