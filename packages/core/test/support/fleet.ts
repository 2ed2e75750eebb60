import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Event } from './history.ts';
import type { Run } from './history.process.ts';

/** Processes that read and write the same keys, each through its own memory. */
export class Fleet {
  readonly #processes: readonly ChildProcess[];

  private constructor(processes: readonly ChildProcess[]) {
    this.#processes = processes;
  }

  static async start(size: number, url: string): Promise<Fleet> {
    const program = `require(${JSON.stringify(join(__dirname, 'history.process.ts'))})`;
    const args = ['--conditions', '@cache/source', '--require', 'esbuild-register', '--eval', program, url];
    const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const;
    const processes = Array.from({ length: size }, () => spawn(process.execPath, args, { stdio: [...stdio] }));
    await Promise.all(processes.map((each) => once(each, 'message')));
    return new Fleet(processes);
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
