import type { Clock } from '@cache/core';

/** How many keys are remembered, and for how many milliseconds. */
const mostKeys = 10_000;
const remembered = 30_000;

/**
 * The keys whose last response could not be shared. Who asks for one of them does not wait for another one's answer,
 * which would be of no use again; the first response that can be shared takes the mark away.
 */
export class HitForMiss {
  readonly #clock: Clock;
  readonly #until = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  has(key: string): boolean {
    const until = this.#until.get(key);
    if (until === undefined) return false;
    if (until > this.#clock.now()) return true;
    this.#until.delete(key);
    return false;
  }

  mark(key: string): void {
    this.#until.delete(key);
    this.#until.set(key, this.#clock.now() + remembered);
    // Marks are set in the order in which they end.
    if (this.#until.size > mostKeys) this.#until.delete(this.#until.keys().next().value!);
  }

  clear(key: string): void {
    this.#until.delete(key);
  }
}
