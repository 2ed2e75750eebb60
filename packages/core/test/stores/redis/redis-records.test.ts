import { expect, test } from '@jest/globals';
import { ManualClock } from '@cache/core/testing';
import type { Command } from '../../../src/stores/redis/clients/own-client.ts';
import { RedisRecords } from '../../../src/stores/redis/redis-records.ts';

/** A server that does what the script says, with a clock of its own, and a network that is as slow as the test says. */
class Server {
  readonly clock = new ManualClock();
  readonly kept = new Map<string, string>();
  readonly sent: string[][] = [];
  ahead = 1_000_000_000;
  sharded = false;
  /** Milliseconds for each of the next commands to arrive; the last one for all that follow. */
  delays = [0];
  readonly records = new RedisRecords({
    connection: this,
    clock: this.clock,
    namespace: 'shop',
    name: 'some',
    deadline: 150,
  });

  async command(_key: string, [, , , key, end, record]: Command): Promise<unknown> {
    this.sent.push([String(key), String(record ?? '')]);
    const ms = this.delays.length > 1 ? this.delays.shift()! : this.delays[0]!;
    if (ms > 0) await new Promise<void>((arrive) => void this.clock.setTimer(ms, arrive));
    const now = this.clock.elapsed() + this.ahead;
    if (now >= Number(end)) return [Buffer.from('late'), now];
    this.kept.set(String(key), String(record));
    return [Buffer.from('set'), now];
  }

  set(text: string, address = 'a'): Promise<string | boolean> {
    const failed = (error: unknown): string => (error as { code: string }).code;
    return this.records.set(address, Buffer.from(text), 60_000, false).catch(failed);
  }
}

test('the time is asked for before the first record, and then read from each reply', async () => {
  const server = new Server();
  expect(await server.set('one')).toBe(true);
  expect(server.sent.map(([, record]) => record)).toEqual(['', 'one']);
  for (let time = 0; time < 5; time += 1) {
    await server.clock.advance(9_000);
    expect(await server.set('more')).toBe(true);
  }
  expect(server.sent).toHaveLength(2 + 5);
  await server.clock.advance(11_000);
  expect(await server.set('after a while')).toBe(true);
  expect(server.sent).toHaveLength(2 + 5 + 2);
});

test('what arrives after the deadline is not set', async () => {
  const server = new Server();
  await server.set('old');
  server.delays = [149, 151];
  const [early, late] = [server.set('early', 'b'), server.set('late', 'a')];
  await server.clock.advance(149);
  expect(await early).toBe(true);
  await server.clock.advance(1_000);
  expect(await late).toBe('STORE_TIMEOUT');
  expect([...server.kept.values()]).toEqual(['old', 'early']);
});

test('where the answer to the question for the time takes too long, the record is not even sent', async () => {
  const server = new Server();
  server.delays = [200];
  const setting = server.set('late');
  await server.clock.advance(1_000);
  expect(await setting).toBe('STORE_TIMEOUT');
  expect(server.sent.map(([, record]) => record)).toEqual(['']);
});

test.each([3_600_000, -3_600_000])('a server whose clock was set by %d ms takes records as before', async (ms) => {
  const server = new Server();
  await server.set('old');
  server.ahead += ms;
  expect(await server.set('new')).toBe(true);
  expect([...server.kept.values()]).toEqual(['new']);
  server.delays = [151, 0];
  const late = server.set('late');
  await server.clock.advance(151);
  expect(await late).toBe('STORE_TIMEOUT');
  expect([...server.kept.values()]).toEqual(['new']);
});

test('a server whose clock is for ever somewhere else takes none, and is not asked without an end', async () => {
  const server = new Server();
  Object.defineProperty(server, 'ahead', { get: () => 1e12 + server.sent.length * 1e6 });
  expect(await server.set('new')).toBe('STORE_TIMEOUT');
  expect(server.sent.length).toBeLessThan(6);
});

test('on a cluster the clock of each slot is read for itself', async () => {
  const server = new Server();
  server.sharded = true;
  await server.set('one', 'a');
  await server.set('two', 'b');
  expect(server.sent.map(([, record]) => record)).toEqual(['', 'one', '', 'two']);
});
