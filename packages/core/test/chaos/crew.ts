import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundled } from '@cache/servers';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { Orders } from './orders.ts';

/** A program of the run, in one file: a process that is killed and begun anew hundreds of times has to begin fast. */
export async function fileOf(program: string): Promise<string> {
  const file = join(temporaryFolder(), `${program}.cjs`);
  writeFileSync(file, await bundled(join(__dirname, `${program}.process.ts`)));
  return file;
}

/** A process of the run, which is killed and frozen, and begun anew. */
export class Member {
  readonly #program: string;
  readonly #orders: Omit<Orders, 'life'>;
  #child: ChildProcess | undefined;
  #life = 0;
  #frozen = false;

  constructor(program: string, orders: Omit<Orders, 'life'>) {
    this.#program = program;
    this.#orders = orders;
  }

  get role(): Orders['role'] {
    return this.#orders.role;
  }

  start(): void {
    this.#life += 1;
    this.#frozen = false;
    const env = { ...process.env, CHAOS_ORDERS: JSON.stringify({ ...this.#orders, life: this.#life }) };
    this.#child = spawn(process.execPath, [this.#program], { env, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.isReady = false;
    this.#child.once('message', () => (this.isReady = true));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (!/Warning|--trace-warnings/.test(text)) this.said += text;
    });
  }

  /** Whether it is at work. */
  isReady = false;

  /** What it complained of, if it did. */
  said = '';

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    this.isReady = false;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  freeze(): void {
    this.#frozen = true;
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    if (this.#frozen) this.#child?.kill('SIGCONT');
    this.#frozen = false;
  }
}
