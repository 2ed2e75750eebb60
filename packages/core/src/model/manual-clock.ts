import type { Clock, Timer } from './clock.ts';

interface Pending {
  readonly at: number;
  readonly run: () => void;
}

/** A clock that stands still until a test moves it: no test has to sleep to see an expiry. */
export class ManualClock implements Clock {
  #now: number;
  #wall = 0;
  readonly #pending = new Set<Pending>();

  /** Starts at `now`, milliseconds since the epoch; by default at a round instant in 2026. */
  constructor(now = 1_767_225_600_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now + this.#wall;
  }

  elapsed(): number {
    return this.#now;
  }

  /** Sets the wall clock forward or, with a negative number, back by `ms` milliseconds; nothing else notices. */
  set(ms: number): void {
    this.#wall += ms;
  }

  setTimer(ms: number, run: () => void): Timer {
    const timer: Pending = { at: this.#now + ms, run };
    this.#pending.add(timer);
    return { cancel: () => this.#pending.delete(timer) };
  }

  /** How many timers are set: zero after `close()`, or something leaks. */
  get timers(): number {
    return this.#pending.size;
  }

  /** Moves on by `ms` milliseconds, firing each timer at its instant and letting promises settle after each. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const next = [...this.#pending].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#pending.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
      await settle();
    }
    this.#now = end;
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
