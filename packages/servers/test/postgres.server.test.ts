import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { startPostgres, type Server } from '../src/index.ts';
import { fetchProgram } from '../src/find-program.ts';
import { POSTGRES, startPostgresProgram } from '../src/postgres.ts';
import { isRunning } from './processes.ts';

let postgres: Server;
beforeAll(async () => {
  postgres = await startPostgres();
}, 60_000);
afterAll(async () => await postgres.stop());

test('a started Postgres lets its superuser in', async () => {
  expect(postgres.url).toBe(`postgres://postgres@127.0.0.1:${postgres.port}/postgres`);
  expect(await postgres.answers(1_000)).toBe(true);
});

test('a frozen Postgres does not answer until it is thawed', async () => {
  await postgres.freeze();
  expect(await postgres.answers(50)).toBe(false);
  await postgres.thaw();
  expect(await postgres.answers(1_000)).toBe(true);
});

test('a killed Postgres recovers at the same port', async () => {
  const before = postgres.pid;
  await postgres.kill();
  expect(await postgres.answers()).toBe(false);
  await postgres.restart();
  expect(postgres.pid).not.toBe(before);
  expect(await postgres.answers(1_000)).toBe(true);
});

test('a Postgres that is not in PATH is unpacked, runs, and leaves no process and no folder', async () => {
  const program = await fetchProgram(POSTGRES);
  expect(program.from).toBe('unpacked');

  const unpacked = await startPostgresProgram(program, { durable: true });
  expect(await unpacked.answers(1_000)).toBe(true);
  await unpacked.stop();
  expect(isRunning(unpacked.pid)).toBe(false);
  expect(existsSync(unpacked.folder)).toBe(false);
}, 120_000);
