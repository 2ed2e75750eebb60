import { describe, expect, test } from '@jest/globals';
import { createCache } from '@cache/core';
import { recordsContract } from '@cache/core/testing';
import { clock, flawedRecords, well } from '../support/flawed-spaces.ts';
import { shortcomings } from '../support/shortcomings.ts';

const elapse = (ms: number): Promise<void> => clock.advance(ms);

describe('records in memory', () => {
  test.each(recordsContract(() => createCache({ clock }), { elapse }))('$name', async ({ run }) => {
    expect(await run()).toBeUndefined();
  });
});

describe('the contract of records', () => {
  test('is kept by one without a flaw', async () => {
    expect(await shortcomings(recordsContract(well.records, { elapse }))).toEqual([]);
  });

  test.each(flawedRecords)('is not kept by one that $flaw', async ({ make }) => {
    expect(await shortcomings(recordsContract(make, { elapse }))).not.toEqual([]);
  });
});
