import type { Clock, Timer } from '../model/clock.ts';

/** How many keys are remembered. */
const mostFailures = 10_000;
/** Milliseconds between two looks for what is over. */
const betweenLooks = 1_000;

/** A load that failed a short while ago. */
export interface Failure {
  /** Nothing where it is not given to later callers. */
  readonly error: unknown;
  /** Until when, by `Clock.elapsed`, its source is not asked again where there is a stale value to give. */
  readonly pausedUntil: number;
  /** Until when it is the answer where there is none: `errorTtl`. */
  readonly answersUntil: number;
}

/** The loads that failed of late, so that a source in trouble is not asked by every single read. */
export class Failures {
  readonly #clock: Clock;
  readonly #failures = new Map<string, Failure>();
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Remembers a failure for `pause` milliseconds where there is a stale value, and for `errorTtl` where there is none. */
  note(key: string, error: unknown, pause: number, errorTtl: number): void {
    if (pause === 0 && errorTtl === 0) return this.forget(key);
    // Too many to remember: at worst their sources are asked once more.
    if (this.#failures.size >= mostFailures) this.#failures.clear();
    const now = this.#clock.elapsed();
    const kept = errorTtl === 0 ? undefined : error;
    this.#failures.set(key, { error: kept, pausedUntil: now + pause, answersUntil: now + errorTtl });
    this.#timer ??= this.#look();
  }

  /** Whether a stale value is to be given now without asking the source. */
  pauses(key: string): boolean {
    const failure = this.#failures.get(key);
    return failure !== undefined && failure.pausedUntil > this.#clock.elapsed();
  }

  /** The failure that is the answer of now. */
  answer(key: string): Failure | undefined {
    const failure = this.#failures.get(key);
    return failure !== undefined && failure.answersUntil > this.#clock.elapsed() ? failure : undefined;
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  forgetAll(): void {
    this.#failures.clear();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Forgets what is over, though nobody asks for its key again: an error may hold on to much. */
  #look(): Timer {
    const forgetOld = (): void => {
      const now = this.#clock.elapsed();
      for (const [key, { pausedUntil, answersUntil }] of this.#failures) {
        if (Math.max(pausedUntil, answersUntil) <= now) this.#failures.delete(key);
      }
      this.#timer = this.#failures.size > 0 ? this.#look() : undefined;
    };
    return this.#clock.setTimer(betweenLooks, forgetOld, true);
  }
}
