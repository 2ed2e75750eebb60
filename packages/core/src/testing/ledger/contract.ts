import type { Ledger } from '../../model/ledger.ts';
import type { ContractCase } from '../contract.ts';
import { claims } from './claims.ts';
import { conditions } from './conditions.ts';
import { letters } from './letters.ts';
import { merges } from './merges.ts';
import type { LedgerContractOptions } from './options.ts';
import { type Cases, Scene } from './scene.ts';
import { sequences } from './sequences.ts';
import { writes } from './writes.ts';

/**
 * The cases that show whether a ledger keeps the promises of `LedgerBook`. `ledger` gives it as one more process would open
 * it; all that it gives reach the same place. Every case has a namespace of its own. Time is the ledger's own.
 */
export function ledgerContract(ledger: () => Ledger, options: LedgerContractOptions = {}): ContractCase[] {
  const cases: Cases = { ...writes(options), ...claims, ...merges, ...conditions, ...letters, ...sequences };
  return Object.entries(cases).map(([name, run]) => ({
    name,
    run: async () => {
      const scene = new Scene(ledger, options);
      try {
        await run(scene);
      } finally {
        await scene.close();
      }
    },
  }));
}
