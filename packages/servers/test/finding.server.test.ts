import { afterEach, expect, test } from '@jest/globals';
import { findRedis, ServerNotFound } from '../src/index.ts';
import { findProgram } from '../src/find-program.ts';

const { REDIS_URL } = process.env;
afterEach(() => {
  if (REDIS_URL === undefined) delete process.env['REDIS_URL'];
  else process.env['REDIS_URL'] = REDIS_URL;
});

test('an address in the environment comes first', async () => {
  process.env['REDIS_URL'] = 'redis://elsewhere:6379';
  expect(await findRedis()).toEqual({ from: 'environment', url: 'redis://elsewhere:6379' });
});

test('without one, a Redis is found in PATH or unpacked', async () => {
  delete process.env['REDIS_URL'];
  const origin = await findRedis();
  expect(['path', 'unpacked']).toContain(origin.from);
}, 60_000);

test('a server that is nowhere to be had is missed in a sentence that says what to install', async () => {
  const missing = findProgram({
    name: 'Nosuch',
    binary: 'nosuch-server',
    package: 'nosuch-server',
    family: /^nosuch-/,
  });
  await expect(missing).rejects.toThrow(ServerNotFound);
  await expect(missing).rejects.toMatchObject({
    packages: ['nosuch-server'],
    message: expect.stringMatching(/^There is no Nosuch on this machine, .*apt-get install nosuch-server$/),
  });
}, 60_000);
