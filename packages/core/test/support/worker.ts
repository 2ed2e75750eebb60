import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startProgram } from '@cache/servers';
import type { Answer, Order } from './worker.process.ts';

/** A service process of its own that a test gives orders to, and may kill or freeze. */
export class Worker {
  readonly #child: ChildProcess;
  #orders = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Starts the process and waits until it has reached Redis. */
  static async start(url: string, namespace: string, loadMs: number): Promise<Worker> {
    const child = await startProgram(join(__dirname, 'worker.process.ts'), url, namespace, String(loadMs));
    const worker = new Worker(child);
    await worker.says('ready');
    return worker;
  }

  /** Resolves when the process reaches the named point. */
  async says(point: 'ready' | 'loading' | 'changed'): Promise<void> {
    await this.#hears((message) => message === point);
  }

  /** Gives an order and waits for its answer. */
  async asks(order: Order): Promise<Answer> {
    const id = this.starts(order);
    return (await this.#hears((message) => typeof message === 'object' && (message as Answer).id === id)) as Answer;
  }

  #hears(wanted: (message: unknown) => boolean): Promise<unknown> {
    return new Promise((resolve) => {
      const listener = (message: unknown): void => {
        if (!wanted(message)) return;
        this.#child.off('message', listener);
        resolve(message);
      };
      this.#child.on('message', listener);
    });
  }

  /** Gives an order, and tells the number its answer will have. */
  starts(order: Order): number {
    this.#orders += 1;
    this.#child.send({ id: this.#orders, order });
    return this.#orders;
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child.kill('SIGCONT');
  }
}
