import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { closeOnSignal } from '@cache/core';
import { thrownBy } from './support/failure.ts';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A process whose `close` takes as long as `closing` says, once it listens. */
async function start(closing: string, options = '{}'): Promise<{ child: ChildProcess; said: () => string }> {
  const core = JSON.stringify(join(__dirname, '../src/index.ts'));
  const program = `
    const { closeOnSignal } = require(${core});
    const say = (text) => process.stdout.write(text + ' ');
    setInterval(() => undefined, 1_000);
    closeOnSignal({ close: async ({ timeout }) => { say('close ' + timeout); ${closing} } }, ${options});
    say('ready');
  `;
  const args = ['--conditions', '@cache/source', '--require', 'esbuild-register', '--eval', program];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'ignore'],
    cwd: join(__dirname, '../../..'),
  });
  children.push(child);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  while (!output.includes('ready')) await once(child.stdout, 'data');
  return { child, said: () => output.trim() };
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s closes the cache, and then ends the process as it would have',
  async (signal) => {
    const { child, said } = await start('', "{ before: async () => say('before'), timeout: '3s' }");
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([null, signal]);
    expect(said()).toBe('ready before close 3000');
  },
);

test('what fails on the way keeps the process neither from closing nor from ending', async () => {
  const { child, said } = await start("throw new Error('no')", "{ before: () => { throw new Error('neither') } }");
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([null, 'SIGTERM']);
  expect(said()).toBe('ready close 10000');
});

test('a second signal ends the process at once', async () => {
  const { child, said } = await start('await new Promise(() => undefined);');
  child.kill('SIGTERM');
  while (!said().includes('close')) await once(child.stdout!, 'data');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([null, 'SIGTERM']);
});

test('nobody listens any more once it is told to stop', () => {
  const before = process.listenerCount('SIGTERM');
  const stop = closeOnSignal({ close: async () => ({ unwritten: 0 }) });
  expect(process.listenerCount('SIGTERM')).toBe(before + 1);
  stop();
  expect(process.listenerCount('SIGTERM')).toBe(before);
});

test('options that are none are refused', () => {
  const cache = { close: async () => ({ unwritten: 0 }) };
  expect(thrownBy(() => closeOnSignal(cache, { timeout: 'soon' as '1s' })).code).toBe('INVALID_DURATION');
  expect(thrownBy(() => closeOnSignal(cache, { after: 1 } as object)).code).toBe('UNKNOWN_OPTION');
});
