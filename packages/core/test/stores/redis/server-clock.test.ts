import { expect, test } from '@jest/globals';
import { ManualClock } from '@cache/core/testing';
import { ServerClock } from '../../../src/stores/redis/server-clock.ts';

/** A server whose clock is so many milliseconds ahead of ours. */
class Server {
  readonly clock = new ManualClock();
  readonly known = new ServerClock(this.clock);
  ahead = 5_000_000;

  get now(): number {
    return this.known.here + this.ahead;
  }

  /** One question, with the milliseconds that it and its answer take. */
  async asked(there = 0, back = 0): Promise<void> {
    const askedAt = this.known.here;
    await this.clock.advance(there);
    const time = this.now;
    await this.clock.advance(back);
    this.known.read(time, askedAt);
  }

  /** How much less than the truth is known. */
  get behind(): number | undefined {
    const known = this.known.at(this.known.here);
    return known === undefined ? undefined : this.now - known;
  }
}

test('nothing is known of a server that has not answered', () => {
  expect(new Server().known.at(0)).toBeUndefined();
});

test('an answer tells its time but for the way back, and never more', async () => {
  const server = new Server();
  await server.asked(40, 30);
  expect(server.behind).toBe(30);
  expect(server.known.at(server.known.here + 100)).toBe(server.now + 70);
});

test('the quickest answer counts, until it is too old', async () => {
  const server = new Server();
  await server.asked(1, 1);
  await server.asked(5, 100);
  expect(server.behind).toBeLessThanOrEqual(2);
  await server.clock.advance(9_000);
  expect(server.behind).toBeLessThanOrEqual(11);
  await server.clock.advance(2_000);
  expect(server.behind).toBeUndefined();
  await server.asked(5, 100);
  expect(server.behind).toBe(100);
});

test('answers that are about as quick as the quickest keep what is known from growing old', async () => {
  const server = new Server();
  for (const back of [1, 3, 2, 3, 4, 2, 3]) {
    await server.asked(0, back);
    await server.clock.advance(5_000);
    expect(server.behind).toBeLessThanOrEqual(10);
  }
});

test('a clock that goes slower than ours is not taken to be later than it is', async () => {
  const server = new Server();
  await server.asked();
  for (let second = 0; second < 9; second += 1) {
    await server.clock.advance(1_000);
    server.ahead -= 0.5;
    expect(server.behind).toBeGreaterThanOrEqual(0);
  }
});

test.each([-60_000, -200, 60_000])('a clock that is set by %d ms is noticed with the next answer', async (ms) => {
  const server = new Server();
  await server.asked(1, 1);
  server.ahead += ms;
  await server.asked(1, 50);
  expect(server.behind).toBe(50);
});
