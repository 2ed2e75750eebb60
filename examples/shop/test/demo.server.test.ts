import { expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const shop = join(__dirname, '..');
const tsc = join(shop, '..', '..', 'node_modules', '.bin', 'tsc');

test('the demo holds what it says, and leaves no process behind', async () => {
  expect(await run(tsc, ['-b', shop])).toMatchObject({ status: 0, output: '' });

  const { status, output, processes } = await run(process.execPath, [join(shop, 'dist', 'demo.js')]);

  expect({ status, output }).toEqual({ status: 0, output: expect.stringContaining('Everything above was measured') });
  expect(output).not.toContain('NOT SO');
  expect(processes.filter(isRunning)).toEqual([]);
}, 180_000);

/** Runs a program to its end, and notes the processes that it has meanwhile. */
async function run(file: string, args: string[]) {
  const { DATABASE_URL: _database, REDIS_URL: _redis, ...env } = process.env;
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const processes = new Set<number>();
  const watch = setInterval(() => descendantsOf(child.pid!).forEach((pid) => processes.add(pid)), 50);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const [status] = (await once(child, 'close')) as [number | null];
  clearInterval(watch);
  return { status, output, processes: [...processes] };
}

/** Linux tells; elsewhere there are none to be seen. */
function descendantsOf(pid: number): number[] {
  const children = Array.from(read(`/proc/${pid}/task/${pid}/children`).matchAll(/\d+/g), ([child]) => Number(child));
  return [...children, ...children.flatMap(descendantsOf)];
}

/** Whether it has not ended: one whose status nobody has read yet has. */
function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/\) Z /.test(read(`/proc/${pid}/stat`));
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
