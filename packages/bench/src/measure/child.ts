import { type ChildProcess, fork, type Serializable } from 'node:child_process';

/** A program as a process that is asked one thing at a time. */
export class Child<First> implements Disposable {
  readonly #process: ChildProcess;
  /** What it says when it is ready. */
  readonly first: Promise<First>;

  constructor(program: string, args: readonly string[] = []) {
    this.#process = fork(program, args, { execArgv: ['--expose-gc'] });
    this.first = this.#answer<First>();
  }

  ask<Answer>(message: Serializable): Promise<Answer> {
    const answer = this.#answer<Answer>();
    this.#process.send(message);
    return answer;
  }

  [Symbol.dispose](): void {
    this.#process.disconnect();
  }

  #answer<Answer>(): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null): void => reject(new Error(`a process ended with ${code}`));
      this.#process.once('exit', onExit);
      this.#process.once('message', (message) => {
        this.#process.off('exit', onExit);
        resolve(message as Answer);
      });
    });
  }
}
