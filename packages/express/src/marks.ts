import type { Clock } from '@cache/core';

/** How many keys are remembered, and for how many milliseconds. */
const mostKeys = 10_000;
const remembered = 30_000;

/** Keys that are marked for half a minute: the latest ten thousand. */
export class Marks {
  readonly #clock: Clock;
  readonly #until = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  has(key: string): boolean {
    const until = this.#until.get(key);
    if (until === undefined) return false;
    if (until > this.#clock.elapsed()) return true;
    this.#until.delete(key);
    return false;
  }

  mark(key: string): void {
    this.#until.delete(key);
    this.#until.set(key, this.#clock.elapsed() + remembered);
    // Marks are set in the order in which they end.
    if (this.#until.size > mostKeys) this.#until.delete(this.#until.keys().next().value!);
  }

  clear(key: string): void {
    this.#until.delete(key);
  }
}
