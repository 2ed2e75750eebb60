import type { Clock, Timer } from '../model/clock.ts';
import { CacheError } from '../model/errors.ts';
import type { Events } from '../model/events.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { type Budget, withDeadline } from './deadline.ts';

const failuresToOpen = 5;
const probeEvery = 250;
const probesToReset = 8;

/** The part of a shared store that the guard itself uses. */
export interface Guarded {
  ping(): Promise<void>;
  reset(): void;
}

export interface GuardOptions {
  readonly store: string;
  readonly clock: Clock;
  readonly events: Events;
  readonly space: Guarded;
  /** Milliseconds a probe may take; a call that is given less than half of them says nothing of the store. */
  readonly deadline: number;
  /** Makes up for what the store missed; a store counts as recovered only once this has resolved. */
  repair(): Promise<void>;
}

/** The last failure of a store; `at` is by `Clock.now`. */
export interface LastError {
  readonly error: unknown;
  readonly at: number;
}

/**
 * Every call on a shared store goes through here: it has a deadline, and a store that fails again and again is left
 * alone until a probe in the background finds it well. A frozen store so costs the first callers one deadline each
 * and the others nothing.
 */
export class Guard {
  readonly #options: GuardOptions;
  readonly #breaker = new CircuitBreaker(failuresToOpen);
  #probe: Timer | undefined;
  #failedProbes = 0;
  #answers = 0;
  #askedAgain = false;
  #closed = false;
  #probing = false;
  #lastError: LastError | undefined;

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /** Only `closed` lets calls through; `half-open` is a probe under way. */
  get breaker(): 'closed' | 'open' | 'half-open' {
    if (!this.#breaker.open) return 'closed';
    return this.#probing ? 'half-open' : 'open';
  }

  get lastError(): LastError | undefined {
    return this.#lastError;
  }

  /** True while no call is let through. */
  get down(): boolean {
    return this.#breaker.open || this.#closed;
  }

  /**
   * The outcome of `work`, within what is left of the budget.
   *
   * @throws CacheError `STORE_UNAVAILABLE`, `STORE_TIMEOUT`, or what the store threw.
   */
  async run<T>(budget: Budget, work: () => Promise<T>): Promise<T> {
    const { store, clock, events, deadline } = this.#options;
    if (this.down)
      throw new CacheError('STORE_UNAVAILABLE', `${store} is left alone until it answers again`, { store });
    const { left } = budget;
    // What came before has taken it all, and was told of.
    if (left === 0) throw new CacheError('STORE_TIMEOUT', `there was no time left to ask ${store}`, { store });
    const answersBefore = this.#answers;
    try {
      const value = await withDeadline(clock, left, store, work());
      this.#answers += 1;
      this.#breaker.succeeded();
      return value;
    } catch (error) {
      if (this.#closed) throw error;
      this.#lastError = { error, at: clock.now() };
      events.emit('storeError', { store, error });
      // A store that refuses is in reach, and so is one that answers others while this call waits in our own queue. One that
      // was given little time, since this process was busy before, is not known to be out of reach.
      const unheard = isTimeout(error) && (this.#answers > answersBefore || left < deadline / 2);
      if (isRefusal(error) || unheard) throw error;
      if (this.#breaker.failed()) {
        events.emit('storeDown', { store, error });
        // The commands that hang are not to be waited for, and the next ones not to queue behind them.
        if (isTimeout(error)) this.#reset();
        this.recoverSoon();
      }
      throw error;
    }
  }

  /** Starts probing, unless it is under way: until the store answers and all repairs are made. */
  recoverSoon(): void {
    this.#askedAgain = true;
    if (this.#probe !== undefined || this.#closed) return;
    this.#probe = this.#options.clock.setTimer(probeEvery, () => void this.#recover(), true);
  }

  close(): void {
    this.#closed = true;
    this.#probe?.cancel();
  }

  async #recover(): Promise<void> {
    const { store, clock, events, space, deadline } = this.#options;
    this.#askedAgain = false;
    this.#probing = true;
    try {
      await withDeadline(clock, deadline, store, space.ping());
      if (this.#closed) return;
      await this.#options.repair();
      if (this.#closed) return;
      this.#probe = undefined;
      this.#failedProbes = 0;
      // 1: the last repair is made · 2: another is owed, while this one is under way · 3: this one ends.
      if (this.#askedAgain) this.recoverSoon();
      if (!this.#breaker.open) return;
      this.#breaker.close();
      events.emit('storeUp', { store });
    } catch (error) {
      if (this.#closed) return;
      this.#lastError = { error, at: clock.now() };
      this.#failedProbes += 1;
      if (isTimeout(error) && this.#failedProbes % probesToReset === 0) this.#reset();
      this.#probe = undefined;
      this.recoverSoon();
    } finally {
      this.#probing = false;
    }
  }

  #reset(): void {
    const { store, events, space } = this.#options;
    try {
      space.reset();
    } catch (error) {
      events.emit('storeError', { store, error });
    }
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof CacheError && error.code === 'STORE_REFUSED';
}

function isTimeout(error: unknown): boolean {
  return error instanceof CacheError && error.code === 'STORE_TIMEOUT';
}
