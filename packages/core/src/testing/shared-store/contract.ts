import type { SharedStore } from '../../model/store.ts';
import type { ContractCase } from '../contract.ts';
import { evictions } from './evictions.ts';
import { expiries } from './expiries.ts';
import { frames } from './frames.ts';
import { leases } from './leases.ts';
import type { SharedStoreContractOptions } from './options.ts';
import { processes } from './processes.ts';
import { type Cases, play } from './scene.ts';
import { sequences } from './sequences.ts';
import { tags } from './tags.ts';
import { writers } from './writers.ts';

/**
 * The cases that show whether a shared store keeps the promises of `SharedSpace`. `store` gives the store as one more
 * process would open it; all that it gives reach the same server. Every case has a namespace of its own, and leaves
 * there what it has written, to expire within ten minutes. Time is the server's own: no case needs another clock.
 */
export function sharedStoreContract(
  store: () => SharedStore,
  options: SharedStoreContractOptions = {},
): ContractCase[] {
  const cases: Cases = {
    ...frames(options),
    ...leases,
    ...expiries,
    ...writers,
    ...evictions,
    ...tags(options),
    ...processes,
    ...sequences,
  };
  return Object.entries(cases).map(([name, run]) => ({ name, run: () => play(store, options, run) }));
}
