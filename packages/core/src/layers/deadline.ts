import type { Clock } from '../model/clock.ts';
import { CacheError } from '../model/errors.ts';

/** The time one call of a caller may spend on a shared tier, whatever it does there (CONSISTENCY: one budget per call). */
export class Budget {
  readonly #clock: Clock;
  readonly #end: number;

  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.#end = clock.elapsed() + ms;
  }

  /** Milliseconds left; never below zero. */
  get left(): number {
    return Math.max(0, this.#end - this.#clock.elapsed());
  }
}

/**
 * Settles as `work` does, or rejects when `ms` have passed. The work itself goes on, and its late answer is dropped:
 * no client of ours can take back a command that is already on the wire.
 *
 * @throws CacheError `STORE_TIMEOUT`.
 */
export function withDeadline<T>(clock: Clock, ms: number, store: string, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimer(ms, () => {
      reject(new CacheError('STORE_TIMEOUT', `${store} did not answer within ${ms} ms`, { store }));
    });
    work.then(
      (value) => {
        timer.cancel();
        resolve(value);
      },
      (error: unknown) => {
        timer.cancel();
        reject(error);
      },
    );
  });
}
