import { describe, expect, test } from '@jest/globals';
import { delay } from '../../src/model/clock.ts';
import { ManualClock } from '@cache/core/testing';

describe('a manual clock', () => {
  test('stands still until it is moved', async () => {
    const clock = new ManualClock(1_000);
    expect([clock.now(), clock.now()]).toEqual([1_000, 1_000]);
    await clock.advance(250);
    expect(clock.now()).toBe(1_250);
  });

  test('fires each timer at its own instant, whatever the order they were set in', async () => {
    const clock = new ManualClock(0);
    const fired: string[] = [];
    for (const ms of [30, 10, 20]) clock.setTimer(ms, () => fired.push(`${ms} at ${clock.now()}`));
    await clock.advance(25);
    expect(fired).toEqual(['10 at 10', '20 at 20']);
    expect(clock.timers).toBe(1);
    await clock.advance(5);
    expect(fired).toEqual(['10 at 10', '20 at 20', '30 at 30']);
  });

  test('fires timers of one instant in the order in which they were set', async () => {
    const clock = new ManualClock();
    const fired: number[] = [];
    for (const name of [1, 2, 3]) clock.setTimer(10, () => fired.push(name));
    await clock.advance(10);
    expect(fired).toEqual([1, 2, 3]);
  });

  test('fires what timers set meanwhile, if it is due within the same move', async () => {
    const clock = new ManualClock(0);
    const fired: number[] = [];
    const again = (): void => {
      fired.push(clock.now());
      clock.setTimer(10, again);
    };
    clock.setTimer(10, again);
    await clock.advance(35);
    expect(fired).toEqual([10, 20, 30]);
  });

  test('lets promises settle before and after each timer', async () => {
    const clock = new ManualClock(0);
    const seen: number[] = [];
    const walk = async (): Promise<void> => {
      await Promise.resolve();
      for (const ms of [10, 10]) {
        await delay(clock, ms);
        seen.push(clock.now());
      }
    };
    const walked = walk();
    await clock.advance(20);
    await walked;
    expect(seen).toEqual([10, 20]);
  });

  test('never fires a timer that was cancelled, and lets it be cancelled twice, or late', async () => {
    const clock = new ManualClock();
    const fired: string[] = [];
    const cancelled = clock.setTimer(10, () => fired.push('cancelled'));
    const late = clock.setTimer(10, () => fired.push('late'));
    cancelled.cancel();
    cancelled.cancel();
    await clock.advance(10);
    late.cancel();
    expect(fired).toEqual(['late']);
    expect(clock.timers).toBe(0);
  });

  test('fires a timer of no time at the next move, never at once', async () => {
    const clock = new ManualClock();
    const fired: number[] = [];
    clock.setTimer(0, () => fired.push(1));
    expect(fired).toEqual([]);
    await clock.advance(0);
    expect(fired).toEqual([1]);
  });
});
