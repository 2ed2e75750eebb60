import { once } from 'node:events';
import { join } from 'node:path';
import { startProgram } from '@cache/servers';
import type { Brought } from './closing.process.ts';

/** A process that uses stores in Redis until it is told to close them. */
export interface Closing {
  /** Has it close, and resolves to the milliseconds until the process ended by itself and the code it ended with. */
  close(): Promise<{ ms: number; code: unknown }>;
  kill(): void;
}

/** Starts the process, and waits until it has reached Redis. */
export async function startClosing(brought: readonly Brought[]): Promise<Closing> {
  const child = await startProgram(join(__dirname, 'closing.process.ts'), JSON.stringify(brought));
  const [first] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as unknown[];
  if (first !== 'ready') throw new Error(`the process ended with ${String(first)}`);
  return {
    async close() {
      const begun = performance.now();
      const ended = once(child, 'exit');
      child.send('close');
      const [code] = (await ended) as unknown[];
      return { ms: performance.now() - begun, code };
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
