import { describe, expect, test } from '@jest/globals';
import { cacheAside, memoryLedger, writeBehind, writeThrough } from '@cache/core';
import { strategyContract } from '@cache/core/testing';
import { flaws } from '../support/flawed-strategies.ts';
import { shortcomings } from '../support/shortcomings.ts';

const strategies = {
  'cache-aside': strategyContract(
    ({ load }) => cacheAside<string, unknown>({ load }),
    (users, key, value, source) => users.mutate(key, () => source.save(key, value)),
  ),
  'write-through': strategyContract(
    ({ load, save }) => writeThrough<string, unknown>({ load, save }),
    (carts, key, value) => carts.set(key, value),
  ),
  'write-behind': strategyContract(
    ({ load, save }) =>
      writeBehind<string, unknown>({
        load,
        saveMany: (items) => Promise.all(items.map(({ key, value }) => save(key, value))),
        ledger: memoryLedger(),
      }),
    (views, key, value) => views.set(key, value),
  ),
};

describe.each(Object.entries(strategies))('%s', (_name, cases) => {
  test.each(cases)('$name', async ({ run }) => {
    expect(await run()).toBeUndefined();
  });
});

describe('the contract of a strategy', () => {
  test.each(flaws)('is not kept by one that $flaw', async ({ cases, breaks }) => {
    expect(await shortcomings(cases, breaks)).not.toEqual([]);
  });
});
