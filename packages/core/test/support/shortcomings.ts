import { AssertionError } from 'node:assert';
import type { ContractCase } from '@cache/core/testing';

/** The promises that were not kept, of the cases whose names match; any other error than theirs is one of the suite. */
export async function shortcomings(cases: readonly ContractCase[], matching = /^/): Promise<string[]> {
  const chosen = cases.filter(({ name }) => matching.test(name));
  if (chosen.length === 0) throw new Error(`no case matches ${matching}`);
  const found = await Promise.all(
    chosen.map(async ({ name, run }) => {
      try {
        await run();
        return [];
      } catch (error) {
        if (error instanceof AssertionError) return [`${name}: ${error.message}`];
        throw error;
      }
    }),
  );
  return found.flat();
}
