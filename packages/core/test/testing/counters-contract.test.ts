import { describe, expect, test } from '@jest/globals';
import { createCache } from '@cache/core';
import { countersContract, ManualClock } from '@cache/core/testing';

const clock = new ManualClock();
const elapse = (ms: number): Promise<void> => clock.advance(ms);

describe('counters in memory', () => {
  test.each(countersContract(() => createCache({ clock }), { elapse }))('$name', async ({ run }) => {
    expect(await run()).toBeUndefined();
  });
});
