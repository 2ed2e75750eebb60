import type { Clock } from '../model/clock.ts';
import { CacheError } from '../model/errors.ts';

/**
 * The time one call of a caller may spend on a shared tier, whatever it does there (docs/outages.md).
 * It runs from when it is first looked at, which is when the first command leaves.
 */
export class Budget {
  readonly #clock: Clock;
  readonly #ms: number;
  #end: number | undefined;

  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.#ms = ms;
  }

  /** Milliseconds left; never below zero. */
  get left(): number {
    const now = this.#clock.elapsed();
    return Math.max(0, this.endBy(now) - now);
  }

  /** When it ends, by `Clock.elapsed`; it runs from `now` on at the latest. */
  endBy(now: number): number {
    return (this.#end ??= now + this.#ms);
  }
}

/** A timer that fires so many milliseconds late tells of a process that was too busy to listen. */
const tolerance = 25;

/**
 * Settles as `work` does, or rejects when `ms` have passed. The work itself goes on, and its late answer is dropped:
 * no client of ours can take back a command that is already on the wire. Time that this process spent without
 * listening is not held against the store: it is given its time once more, once.
 *
 * @throws CacheError `STORE_TIMEOUT`.
 */
export function withDeadline<T>(clock: Clock, ms: number, store: string, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const due = clock.elapsed() + ms;
    let excused = false;
    const expire = (): void => {
      if (excused || clock.elapsed() <= due + tolerance) {
        reject(new CacheError('STORE_TIMEOUT', `${store} did not answer within ${Math.round(ms)} ms`, { store }));
        return;
      }
      excused = true;
      timer = clock.setTimer(ms, expire);
    };
    let timer = clock.setTimer(ms, expire);
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
