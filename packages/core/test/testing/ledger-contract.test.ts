import { describe, expect, test } from '@jest/globals';
import { memoryLedger } from '@cache/core';
import { ledgerContract } from '@cache/core/testing';
import { flaws } from '../support/flawed-ledgers.ts';
import { shortcomings } from '../support/shortcomings.ts';

describe('the ledger in memory', () => {
  test.each(ledgerContract(memoryLedger))('$name', async ({ run }) => {
    expect(await run()).toBeUndefined();
  });
});

describe('the contract of a ledger', () => {
  test.concurrent.each(flaws)('is not kept by one that $flaw', async ({ make, breaks }) => {
    expect(await shortcomings(ledgerContract(make, { patience: '400ms' }), breaks)).not.toEqual([]);
  });
});
