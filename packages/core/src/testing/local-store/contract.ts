import type { LocalStore } from '../../model/store.ts';
import type { ContractCase } from '../contract.ts';
import { bounds } from './bounds.ts';
import { entries } from './entries.ts';
import { lives } from './lives.ts';
import type { LocalStoreContractOptions } from './options.ts';
import { play } from './scene.ts';

/**
 * The cases that show whether a local store keeps the promises of `LocalSpace` and `LocalSegment`. `store` gives the
 * store, which every case opens anew, on a clock that stands still. What a store forgets by itself, and when, is its
 * own affair, as long as it counts it; but the only entry that it was told to keep it has to find.
 */
export function localStoreContract(store: () => LocalStore, options: LocalStoreContractOptions = {}): ContractCase[] {
  const cases = { ...entries, ...bounds(options), ...lives };
  return Object.entries(cases).map(([name, run]) => ({ name, run: () => play(store, run) }));
}
