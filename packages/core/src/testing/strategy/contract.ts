import type { Strategy } from '../../engine/strategy.ts';
import type { ContractCase } from '../contract.ts';
import { forgetting } from './forgetting.ts';
import { outages } from './outages.ts';
import { reading } from './reading.ts';
import { type Cases, play, type Reads, type Subject } from './scene.ts';
import { sharing } from './sharing.ts';
import type { ContractSource } from './source-model.ts';
import { everyTiers } from './tiers.ts';
import { writing } from './writing.ts';

/**
 * The cases that show whether a strategy's resource keeps what is promised of all of them, over memory, over a shared
 * store, and over both, be that store well, broken or frozen. `strategy` makes the strategy over the given source;
 * `write` has the resource change a value, in the way that is the strategy's own: it resolves when the next read is to
 * see the value, and rejects when the value may not have been accepted. Time stands still but for what a case waits for.
 */
export function strategyContract<R extends Reads>(
  strategy: (source: ContractSource) => Strategy<R>,
  write: (resource: R, key: string, value: unknown, source: ContractSource) => Promise<unknown>,
): ContractCase[] {
  const subject = { strategy, write } as Subject<Reads>;
  const cases: Cases = { ...reading, ...forgetting, ...writing };
  const betweenProcesses: Cases = { ...sharing, ...outages };
  return everyTiers.flatMap((tiers) =>
    Object.entries(tiers.shared ? { ...cases, ...betweenProcesses } : cases).map(([name, run]) => ({
      name: `${name}, over ${tiers.name}`,
      run: () => play(subject, tiers, run),
    })),
  );
}
