import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { systemClock } from '../../src/model/clock.ts';

beforeEach(() => {
  jest.useFakeTimers({ now: 1_000 });
});
afterEach(() => {
  jest.useRealTimers();
});

test('the system clock reads what has elapsed once a millisecond at most', () => {
  const read = jest.spyOn(performance, 'now');
  const first = systemClock.elapsed();
  expect([systemClock.elapsed(), systemClock.elapsed()]).toEqual([first, first]);
  expect(read).toHaveBeenCalledTimes(1);
  jest.advanceTimersByTime(1);
  expect(systemClock.elapsed()).toBe(first + 1);
  expect(read).toHaveBeenCalledTimes(2);
});

test('the system clock reads what has elapsed anew where a turn may have kept the process busy', () => {
  const read = jest.spyOn(performance, 'now').mockReturnValueOnce(100).mockReturnValueOnce(160);
  expect([systemClock.elapsed(), systemClock.elapsed(), systemClock.elapsed(true)]).toEqual([100, 100, 160]);
  expect(systemClock.elapsed()).toBe(160);
  expect(read).toHaveBeenCalledTimes(2);
  expect(jest.getTimerCount()).toBe(1);
});

test('the system clock does not stand still when the timers of a test are taken away from under it', () => {
  const faked = systemClock.elapsed();
  jest.useRealTimers();
  const real = systemClock.elapsed();
  expect(real).not.toBe(faked);
  expect(Math.abs(real - performance.now())).toBeLessThan(100);
});

test('the system clock waits with a timer of more days than Node can count', () => {
  const fired = jest.fn();
  systemClock.setTimer(30 * 86_400_000, fired);
  jest.advanceTimersByTime(86_400_000);
  expect(fired).not.toHaveBeenCalled();
});

test('the system clock fires a timer once, and never one that was cancelled', () => {
  const fired = jest.fn();
  const cancelled = jest.fn();
  systemClock.setTimer(50, fired);
  systemClock.setTimer(50, cancelled, true).cancel();
  jest.advanceTimersByTime(49);
  expect(fired).not.toHaveBeenCalled();
  jest.advanceTimersByTime(1_000);
  expect(fired).toHaveBeenCalledTimes(1);
  expect(cancelled).not.toHaveBeenCalled();
});

test('the system clock fires a background timer in a process that has nothing else to do until later', async () => {
  jest.useRealTimers();
  const begun = performance.now();
  const fired = new Promise<number>((resolve) => {
    systemClock.setTimer(20, () => resolve(performance.now() - begun), true);
  });
  // What keeps the process alive, and is in no hurry.
  const alive = setTimeout(() => undefined, 2_000);
  expect(await fired).toBeLessThan(500);
  clearTimeout(alive);
});

test('the system clock lets replies in before it fires a timer that a busy turn has made late', async () => {
  jest.useRealTimers();
  const server = createServer((socket) => socket.write('reply')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const order: string[] = [];
  await once(socket, 'connect');
  await new Promise<void>((resolve) => {
    socket.once('data', () => order.push('reply'));
    systemClock.setTimer(5, () => {
      order.push('timer');
      resolve();
    });
    // The reply arrives in the kernel meanwhile, and the timer is due: this turn holds both back.
    const busyUntil = performance.now() + 50;
    setImmediate(() => {
      while (performance.now() < busyUntil);
    });
  });
  expect(order).toEqual(['reply', 'timer']);
  socket.destroy();
  server.close();
});
