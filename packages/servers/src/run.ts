import { spawn, type SpawnOptions } from 'node:child_process';

/** How to run a program, and whether a failure is told in its own words, which may name what should stay private. */
export type RunOptions = Pick<SpawnOptions, 'cwd' | 'env' | 'uid' | 'gid'> & { readonly tellsErrors?: boolean };

/** Runs a program to its end and resolves to what it printed; rejects with its exit status when that is not 0. */
export async function run(
  file: string,
  args: readonly string[],
  { tellsErrors = false, ...options }: RunOptions = {},
): Promise<string> {
  return await new Promise((resolve, reject) => {
    const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.once('error', (cause) => reject(new Error(`${file} cannot be run`, { cause })));
    child.once('close', (status, signal) => {
      if (status === 0) return resolve(output);
      const end = `${file} ended with ${signal ?? `status ${status}`}`;
      reject(new Error(tellsErrors ? `${end}: ${errors.trim()}` : end));
    });
  });
}
