import { expect, test } from '@jest/globals';
import { ManualClock } from '@cache/core/testing';
import type { OwnConnection } from '../../../src/stores/redis/clients/own-client.ts';
import { Listener } from '../../../src/stores/redis/listener.ts';

/** A listener whose connections are there at once, and whose first attempt to be told of anything fails. */
function listen(failure: string) {
  const clock = new ManualClock();
  const reported: unknown[] = [];
  const made: { ended: boolean }[] = [];
  let connections = 0;
  const listener = new Listener({
    make: (): OwnConnection => {
      const client = { ended: false, connect: async () => undefined, destroy: () => void (client.ended = true) };
      made.push(client);
      return client;
    },
    clock,
    listen: async () => {
      if (made.length === 1) throw new Error(failure);
    },
    connected: () => (connections += 1),
    disconnected: () => undefined,
    report: (error) => reported.push((error as Error).message),
  });
  return { clock, listener, reported, made, heard: () => connections > 0 };
}

test('a connection that is lost while the server is being asked to tell is soon made anew', async () => {
  const { clock, listener, reported, made, heard } = listen('Socket closed unexpectedly');
  await clock.advance(249);
  expect([reported, heard()]).toEqual([['Socket closed unexpectedly'], false]);
  await clock.advance(1);
  expect([heard(), made.map(({ ended }) => ended)]).toEqual([true, [true, false]]);
  listener.close();
  expect(clock.timers).toBe(0);
});

test('a server that refuses to tell is asked again after five seconds', async () => {
  const { clock, listener, heard } = listen("NOPERM User app has no permissions to run the 'subscribe' command");
  await clock.advance(4_999);
  expect(heard()).toBe(false);
  await clock.advance(1);
  expect(heard()).toBe(true);
  listener.close();
});

test('what fails after the end is of no interest', async () => {
  const { clock, listener, reported, made } = listen('Socket closed unexpectedly');
  listener.close();
  await clock.advance(10_000);
  expect([reported, made.length, clock.timers]).toEqual([[], 1, 0]);
});
