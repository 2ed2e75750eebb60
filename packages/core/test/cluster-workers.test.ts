import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

/** What a worker of `node:cluster` is warned of that makes these caches. */
async function warnings(caches: 'in memory' | 'shared' | 'off'): Promise<string[]> {
  const program = join(__dirname, 'support', 'cluster-workers.process.cjs');
  const args = ['--conditions', '@cache/source', '--require', 'esbuild-register', program, caches];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  expect(await once(child, 'close')).toEqual([0, null]);
  return output.split('\n').filter((line) => line !== '');
}

test('a worker whose caches are in memory alone is told, once, that it shares nothing with the others', async () => {
  expect(await warnings('in memory')).toEqual([expect.stringContaining('shares nothing with the other workers')]);
});

test.each(['shared', 'off'] as const)('a worker whose cache is %s is told nothing', async (cache) => {
  expect(await warnings(cache)).toEqual([]);
});
