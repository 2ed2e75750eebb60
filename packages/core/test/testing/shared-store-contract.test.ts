import { describe, expect, test } from '@jest/globals';
import { sharedStoreContract, SharedStoreModel } from '@cache/core/testing';
import { shortcomings } from '../support/shortcomings.ts';
import { flaws } from '../support/flawed-stores.ts';

const model = new SharedStoreModel();
const loseTags = async (): Promise<void> => model.loseTags();

describe('the model of a shared store', () => {
  test.each(sharedStoreContract(() => model.store(), { loseTags }))('$name', async ({ run }) => {
    expect(await run()).toBeUndefined();
  });

  test('goes as it goes for itself for every seed', async () => {
    for (let seed = 2; seed < 12; seed += 1) {
      const cases = sharedStoreContract(() => model.store(), { seed, runs: 20 });
      expect(await shortcomings(cases, /random sequences/)).toEqual([]);
    }
  });
});

describe('the contract of a shared store', () => {
  test.concurrent.each(flaws)('is not kept by one that $flaw', async ({ make, breaks }) => {
    const found = await shortcomings(sharedStoreContract(make, { patience: '400ms' }), breaks);
    expect(found).not.toEqual([]);
  });
});
