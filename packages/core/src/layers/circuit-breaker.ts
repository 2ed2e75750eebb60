/**
 * Closed, it lets calls through and counts failures in a row; open, it lets none. It is closed again from outside,
 * by a probe that succeeded, so that no caller ever pays for the trial.
 */
export class CircuitBreaker {
  readonly #threshold: number;
  #failures = 0;
  #open = false;

  /** Opens at `threshold` failures in a row. */
  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  get open(): boolean {
    return this.#open;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** Counts a failure; true if this very one opened it. */
  failed(): boolean {
    this.#failures += 1;
    if (this.#open || this.#failures < this.#threshold) return false;
    this.#open = true;
    return true;
  }

  close(): void {
    this.#failures = 0;
    this.#open = false;
  }
}
