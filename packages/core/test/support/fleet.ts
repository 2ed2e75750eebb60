import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startProgram } from '@cache/servers';
import type { Event } from './history.ts';
import type { Run } from './history.process.ts';

/** Processes that read and write the same keys, each through its own memory. */
export class Fleet {
  readonly #processes: readonly ChildProcess[];

  private constructor(processes: readonly ChildProcess[]) {
    this.#processes = processes;
  }

  static async start(size: number, url: string): Promise<Fleet> {
    const starts = Array.from({ length: size }, async () => {
      const child = await startProgram(join(__dirname, 'history.process.ts'), url);
      await once(child, 'message');
      return child;
    });
    return new Fleet(await Promise.all(starts));
  }

  /** What all of them did. */
  async play(run: Run): Promise<Event[]> {
    const histories = this.#processes.map(async (each) => {
      const said = once(each, 'message') as Promise<[Event[]]>;
      each.send(run);
      return (await said)[0];
    });
    return (await Promise.all(histories)).flat();
  }

  stop(): void {
    for (const each of this.#processes) each.disconnect();
  }
}
