import { describe, expect, jest, test } from '@jest/globals';
import { Budget, withDeadline } from '../../src/layers/deadline.ts';
import type { Clock } from '../../src/model/clock.ts';
import { ManualClock } from '../../src/model/manual-clock.ts';
import { deferred } from '../support/deferred.ts';
import { rejectionOf } from '../support/failure.ts';

describe('a budget', () => {
  test('shrinks as time passes, and never below nothing', async () => {
    const clock = new ManualClock();
    const budget = new Budget(clock, 150);
    expect(budget.left).toBe(150);
    await clock.advance(100);
    expect(budget.left).toBe(50);
    await clock.advance(100);
    expect(budget.left).toBe(0);
  });
});

describe('work with a deadline', () => {
  test('gives what it brings in time, and leaves no timer', async () => {
    const clock = new ManualClock();
    const work = deferred<string>();
    const answer = withDeadline(clock, 150, 'redis', work.promise);
    await clock.advance(149);
    work.resolve('value');
    await expect(answer).resolves.toBe('value');
    expect(clock.timers).toBe(0);
  });

  test('fails with its own error in time, and leaves no timer', async () => {
    const clock = new ManualClock();
    const error = new Error('ECONNRESET');
    await expect(withDeadline(clock, 150, 'redis', Promise.reject(error))).rejects.toBe(error);
    expect(clock.timers).toBe(0);
  });

  test('is given up at its deadline, neither earlier nor later', async () => {
    const clock = new ManualClock();
    const settled = jest.fn();
    const answer = withDeadline(clock, 150, 'redis', new Promise(() => undefined));
    answer.catch(settled);
    await clock.advance(149);
    expect(settled).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(await rejectionOf(answer)).toMatchObject({
      code: 'STORE_TIMEOUT',
      store: 'redis',
      message: 'redis did not answer within 150 ms',
    });
  });

  test.each([
    ['answer', (work: { resolve(value: string): void }) => work.resolve('late')],
    ['failure', (work: { reject(error: unknown): void }) => work.reject(new Error('late'))],
  ])('may bring a late %s, which nobody hears of', async (_name, settle) => {
    const clock = new ManualClock();
    const work = deferred<string>();
    const answer = rejectionOf(withDeadline(clock, 150, 'redis', work.promise));
    await clock.advance(150);
    settle(work);
    expect((await answer).code).toBe('STORE_TIMEOUT');
  });
});

test('a process that was too busy to listen gives the work its time once more, and only once', async () => {
  const clock = new ManualClock();
  const late: Clock = {
    now: () => clock.now(),
    elapsed: () => clock.elapsed(),
    setTimer: (ms, run) => clock.setTimer(ms + 200, run),
  };
  const work = deferred<string>();
  const answered = withDeadline(late, 150, 'redis', work.promise);
  await clock.advance(400);
  work.resolve('value');
  expect(await answered).toBe('value');

  const never = rejectionOf(withDeadline(late, 150, 'redis', new Promise(() => undefined)));
  await clock.advance(700);
  expect((await never).code).toBe('STORE_TIMEOUT');
  expect(clock.timers).toBe(0);
});
