import { expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../src/wait-until.ts';
import { isRunning } from './processes.ts';

test('servers end with the process that started them, though it is killed and they are frozen', async () => {
  const orphan = join(__dirname, 'orphan.ts');
  const parent = spawn(
    process.execPath,
    ['--require', 'esbuild-register', '--eval', `require(${JSON.stringify(orphan)})`],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [line] = (await once(parent.stdout.setEncoding('utf8'), 'data')) as [string];
  const servers = JSON.parse(line) as { pid: number; folder: string }[];
  expect(servers.map(({ pid }) => isRunning(pid))).toEqual([true, true]);

  parent.kill('SIGKILL');
  await waitUntil('the servers are gone', () => servers.every(({ pid }) => !isRunning(pid)), 5_000);
  await waitUntil('their folders are gone', () => servers.every(({ folder }) => !existsSync(folder)), 5_000);
}, 60_000);
