import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startMemcached, type Server } from '../src/index.ts';
import { exchange } from '../src/exchange.ts';

let memcached: Server;
beforeAll(async () => {
  memcached = await startMemcached({ args: ['--memory-limit', '8'] });
}, 60_000);
afterAll(async () => await memcached.stop());

async function say(command: string): Promise<string> {
  return await exchange(memcached.port, command, (reply) => reply.toString(), 1_000);
}

test('a started Memcached keeps values', async () => {
  expect(await say('set key 0 0 5\r\nvalue\r\n')).toBe('STORED\r\n');
  expect(await say('get key\r\n')).toBe('VALUE key 0 5\r\nvalue\r\nEND\r\n');
});

test('a frozen Memcached does not answer until it is thawed', async () => {
  await memcached.freeze();
  expect(await memcached.answers(50)).toBe(false);
  await memcached.thaw();
  expect(await memcached.answers()).toBe(true);
});

test('a restarted Memcached is empty, at the same port', async () => {
  await memcached.restart();
  expect(await say('get key\r\n')).toBe('END\r\n');
});
