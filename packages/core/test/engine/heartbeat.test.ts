import { expect, jest, test } from '@jest/globals';
import { heartbeat } from '../../src/engine/heartbeat.ts';
import { ManualClock } from '../../src/model/manual-clock.ts';
import { deferred } from '../support/deferred.ts';

test('it beats three times within each life of what it keeps', async () => {
  const clock = new ManualClock();
  const beat = jest.fn(async () => true);
  heartbeat(clock, 3_000, beat);
  await clock.advance(999);
  expect(beat).toHaveBeenCalledTimes(0);
  await clock.advance(1);
  expect(beat).toHaveBeenCalledTimes(1);
  await clock.advance(5_000);
  expect(beat).toHaveBeenCalledTimes(6);
});

test('stopped, it beats no more and leaves no timer', async () => {
  const clock = new ManualClock();
  const beat = jest.fn(async () => true);
  const stop = heartbeat(clock, 3_000, beat);
  await clock.advance(1_000);
  stop();
  stop();
  expect(clock.timers).toBe(0);
  await clock.advance(10_000);
  expect(beat).toHaveBeenCalledTimes(1);
});

test('stopped while a beat is on its way, it beats no more', async () => {
  const clock = new ManualClock();
  const reply = deferred<boolean>();
  const stop = heartbeat(clock, 3_000, () => reply.promise);
  await clock.advance(1_000);
  stop();
  reply.resolve(true);
  await clock.advance(10_000);
  expect(clock.timers).toBe(0);
});

test('it stops by itself when there is nothing left to keep', async () => {
  const clock = new ManualClock();
  const beat = jest.fn(async () => false);
  heartbeat(clock, 3_000, beat);
  await clock.advance(10_000);
  expect(beat).toHaveBeenCalledTimes(1);
  expect(clock.timers).toBe(0);
});

test('beats do not pile up on a store that is slow to answer', async () => {
  const clock = new ManualClock();
  const beat = jest.fn(() => new Promise<boolean>(() => undefined));
  heartbeat(clock, 3_000, beat);
  await clock.advance(60_000);
  expect(beat).toHaveBeenCalledTimes(1);
});

test('a beat that fails proves nothing: the next one may arrive in time', async () => {
  const clock = new ManualClock();
  const beat = jest.fn<() => Promise<boolean>>().mockRejectedValueOnce(new Error('ECONNRESET')).mockResolvedValue(true);
  heartbeat(clock, 3_000, beat);
  await clock.advance(2_000);
  expect(beat).toHaveBeenCalledTimes(2);
});
