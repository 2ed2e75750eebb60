import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { startProxy, startRedis, type TcpProxy, type RedisServer } from '../src/index.ts';
import { redisCommand } from '../src/resp.ts';
import { waitUntil } from '../src/wait-until.ts';

let redis: RedisServer;
let proxy: TcpProxy;
let client: Socket;
let replies: string[];

beforeAll(async () => {
  redis = await startRedis();
}, 60_000);
afterAll(async () => await redis.stop());

beforeEach(async () => {
  proxy = await startProxy({ target: redis.port });
  client = connect(proxy.port, proxy.host)
    .setEncoding('utf8')
    .on('error', () => undefined);
  replies = [];
  client.on('data', (text: string) => replies.push(text));
  await once(client, 'connect');
});
afterEach(async () => {
  client.destroy();
  await proxy.stop();
});

const replied = async (text: string) => await waitUntil(`${text} has come`, () => replies.join('') === text, 2_000);

async function closing(): Promise<'ended' | 'reset'> {
  return await new Promise((resolve) => client.once('close', (hadError) => resolve(hadError ? 'reset' : 'ended')));
}

test('a wire without faults passes commands and replies', async () => {
  client.write('PING\r\n');
  await replied('+PONG\r\n');
  expect(proxy.through(redis.url)).toBe(`redis://127.0.0.1:${proxy.port}`);
});

test('a delay holds each way', async () => {
  proxy.delay(30);
  const start = performance.now();
  client.write('PING\r\n');
  await replied('+PONG\r\n');
  expect(performance.now() - start).toBeGreaterThanOrEqual(59);
});

test('a delay of one way does not hold the other', async () => {
  proxy.delay(60, 'replies');
  client.write('INCR counted\r\n');
  await waitUntil('the command is executed', async () => (await redis.command('GET', 'counted')) === '1');
  expect(replies).toEqual([]);
  await replied(':1\r\n');
});

test('a cut resets open connections and accepts new ones', async () => {
  const closed = closing();
  proxy.cut();
  expect(await closed).toBe('reset');
  expect(await redisCommand(proxy.port, ['PING'])).toBe('PONG');
});

test('a stalled wire keeps connections and passes what it held back when it resumes', async () => {
  proxy.stall();
  client.write('PING\r\n');
  await expect(redisCommand(proxy.port, ['PING'], 50)).rejects.toThrow('not answered');
  expect(replies).toEqual([]);
  expect(client.readyState).toBe('open');

  proxy.resume();
  await replied('+PONG\r\n');
});

test('a dropped reply is lost after its command was executed, and its connection with it', async () => {
  proxy.dropReplies();
  client.write('SET dropped done\r\n');
  await waitUntil('the reply is dropped', () => proxy.droppedBytes > 0);
  expect(await redis.command('GET', 'dropped')).toBe('done');
  expect(replies).toEqual([]);

  const closed = closing();
  proxy.resume();
  await closed;
  expect(await redisCommand(proxy.port, ['GET', 'dropped'])).toBe('done');
});

test('replies can be split at every byte', async () => {
  proxy.splitEvery(1);
  client.write('PING\r\n');
  await replied('+PONG\r\n');
  expect(replies.length).toBeGreaterThan(1);
});

test('a server that hangs up hangs up through the proxy', async () => {
  const ended = once(client, 'end');
  client.write('QUIT\r\n');
  await ended;
  await waitUntil('the proxy has let go', () => proxy.connections === 0);
  expect(replies).toEqual(['+OK\r\n']);
});

test('a stopped proxy breaks its connections and accepts no more', async () => {
  const closed = closing();
  await proxy.stop();
  await closed;
  await expect(redisCommand(proxy.port, ['PING'])).rejects.toThrow('ECONNREFUSED');
});
