import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { startRedis, type RedisServer } from '../src/index.ts';
import { isRunning } from './processes.ts';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
}, 60_000);
afterAll(async () => await redis.stop());

test('a started Redis answers commands at its address', async () => {
  expect(redis.url).toBe(`redis://127.0.0.1:${redis.port}`);
  expect(await redis.command('PING')).toBe('PONG');
});

test('replies of every type are read as text, and errors are thrown', async () => {
  expect(await redis.command('RPUSH', 'list', 'a', 'ü', '')).toBe('3');
  expect(await redis.command('LRANGE', 'list', '0', '-1')).toBe('a\nü\n');
  expect(await redis.command('GET', 'absent')).toBe('');
  await expect(redis.command('GET', 'list')).rejects.toThrow('WRONGTYPE');
});

test('a frozen Redis does not answer until it is thawed', async () => {
  await redis.freeze();
  expect(await redis.answers(50)).toBe(false);
  await redis.thaw();
  expect(await redis.answers()).toBe(true);
});

test('a killed Redis restarts at the same port with the data it had saved', async () => {
  await redis.command('SET', 'kept', 'yes');
  const before = redis.pid;
  await redis.kill();
  expect(await redis.answers()).toBe(false);
  expect(isRunning(before)).toBe(false);

  await redis.restart();
  expect(redis.pid).not.toBe(before);
  expect(await redis.command('GET', 'kept')).toBe('yes');
});

test('a frozen Redis can be killed', async () => {
  await redis.freeze();
  await redis.kill();
  expect(isRunning(redis.pid)).toBe(false);
  await redis.restart();
});

test('stop leaves no process and no folder, and may be called twice', async () => {
  const short = await startRedis();
  await short.stop();
  await short.stop();
  expect(isRunning(short.pid)).toBe(false);
  expect(existsSync(short.folder)).toBe(false);
  await expect(short.restart()).rejects.toThrow('start another one');
});

test('a server is stopped at the end of the block that uses it', async () => {
  const short = await startRedis();
  await short[Symbol.asyncDispose]();
  expect(isRunning(short.pid)).toBe(false);
});

test('a port that is taken is refused when the caller chose it', async () => {
  await expect(startRedis({ port: redis.port })).rejects.toThrow(/address already in use/i);
});

test('what Redis says about wrong arguments is in the error', async () => {
  await expect(startRedis({ args: ['--no-such-setting', '1'] })).rejects.toThrow('no-such-setting');
});
