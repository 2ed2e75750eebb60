import { describe, expect, test } from '@jest/globals';
import { createCache } from '@cache/core';
import { ManualClock, recordsContract } from '@cache/core/testing';

const clock = new ManualClock();
const elapse = (ms: number): Promise<void> => clock.advance(ms);

describe('records in memory', () => {
  test.each(recordsContract(() => createCache({ clock }), { elapse }))('$name', async ({ run }) => {
    expect(await run()).toBeUndefined();
  });
});
