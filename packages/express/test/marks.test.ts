import { expect, test } from '@jest/globals';
import { ManualClock } from '@cache/core/testing';
import { Marks } from '../src/marks.ts';

test('a mark ends after half a minute, though the wall clock is set back meanwhile', async () => {
  const clock = new ManualClock();
  const marks = new Marks(clock);
  marks.mark('k');
  clock.set(-3_600_000);
  await clock.advance(29_999);
  expect(marks.has('k')).toBe(true);
  await clock.advance(1);
  expect(marks.has('k')).toBe(false);
});
