import type { Duration } from '../../model/duration.ts';

/** What only those who know the ledger can say, and how much is tried. */
export interface LedgerContractOptions {
  /** Whether what was accepted is there when it is opened again. Default false. */
  readonly durable?: boolean;
  /** Of the random sequences of operations; the same seed tries the same ones. Default 1. */
  readonly seed?: number;
  /** How many random sequences are tried. Default 20. */
  readonly runs?: number;
  /** How long the ledger is given for what is to be there some time, such as the end of a lease. Default `'5s'`. */
  readonly patience?: Duration;
}
