import type { Clock, Timer } from '../../model/clock.ts';

/** The commands that were sent between two ticks of a `Patience`. */
export interface Batch {
  waiting: number;
}

/**
 * Counts the commands that wait for a reply, and tells when one has waited for too long: between once and twice the
 * given milliseconds. Where many nodes answer and one is frozen, nothing else would notice.
 */
export class Patience {
  readonly #clock: Clock;
  readonly #ms: number;
  readonly #lost: () => void;
  #batch: Batch = { waiting: 0 };
  #before: Batch = { waiting: 0 };
  #timer: Timer | undefined;

  constructor(clock: Clock, ms: number, lost: () => void) {
    this.#clock = clock;
    this.#ms = ms;
    this.#lost = lost;
  }

  /** About how many wait. */
  get waiting(): number {
    return this.#before.waiting + this.#batch.waiting;
  }

  /** One more waits, until its batch is told otherwise. */
  begin(): Batch {
    this.#timer ??= this.#clock.setTimer(this.#ms, () => this.#tick(), true);
    this.#batch.waiting += 1;
    return this.#batch;
  }

  /** Nobody waits any more for what was begun. */
  restart(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#before = { waiting: 0 };
    this.#batch = { waiting: 0 };
  }

  #tick(): void {
    this.#timer = undefined;
    if (this.#before.waiting > 0) {
      this.restart();
      this.#lost();
      return;
    }
    this.#before = this.#batch;
    this.#batch = { waiting: 0 };
    if (this.#before.waiting > 0) this.#timer = this.#clock.setTimer(this.#ms, () => this.#tick(), true);
  }
}
