import { describe, expect, test } from '@jest/globals';
import { createCache } from '@cache/core';
import { countersContract } from '@cache/core/testing';
import { clock, flawedCounters, well } from '../support/flawed-spaces.ts';
import { shortcomings } from '../support/shortcomings.ts';

const elapse = (ms: number): Promise<void> => clock.advance(ms);

describe('counters in memory', () => {
  test.each(countersContract(() => createCache({ clock }), { elapse }))('$name', async ({ run }) => {
    expect(await run()).toBeUndefined();
  });
});

describe('the contract of counters', () => {
  test('is kept by one without a flaw', async () => {
    expect(await shortcomings(countersContract(well.counters, { elapse }))).toEqual([]);
  });

  test.each(flawedCounters)('is not kept by one that $flaw', async ({ make }) => {
    expect(await shortcomings(countersContract(make, { elapse }))).not.toEqual([]);
  });
});
