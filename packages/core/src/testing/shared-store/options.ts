import type { Duration } from '../../model/duration.ts';

/** What only those who know the store can do, and how much is tried. */
export interface SharedStoreContractOptions {
  /** Puts at the address what is no frame of ours, where the store has such a thing. */
  readonly foreign?: (namespace: string, address: string) => Promise<unknown>;
  /** Deletes the record of tags, where it can get lost apart from all else. */
  readonly loseTags?: (namespace: string) => Promise<unknown>;
  /** Of the random sequences of operations; the same seed tries the same ones. Default 1. */
  readonly seed?: number;
  /** How many random sequences are tried. Default 40. */
  readonly runs?: number;
  /** How long the server is given for what is to be there some time, such as the end of a lease. Default `'5s'`. */
  readonly patience?: Duration;
}
