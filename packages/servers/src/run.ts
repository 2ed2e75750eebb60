import { spawn, type SpawnOptions } from 'node:child_process';

/** Runs a program to its end and resolves to what it printed; rejects with its name and exit status, never with its output. */
export async function run(file: string, args: readonly string[], options: SpawnOptions = {}): Promise<string> {
  return await new Promise((resolve, reject) => {
    const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'ignore'] });
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', (cause) => reject(new Error(`${file} cannot be run`, { cause })));
    child.once('close', (status, signal) => {
      if (status === 0) resolve(output);
      else reject(new Error(`${file} ended with ${signal ?? `status ${status}`}`));
    });
  });
}
