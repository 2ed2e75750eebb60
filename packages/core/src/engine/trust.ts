import type { Bus } from '../model/bus.ts';

/**
 * For how long memory may be believed. Where nobody tells of changes that other processes make, a value is believed for
 * a while after it was last known to be true; while every change is heard of, until one is.
 */
export class Trust {
  readonly #unheard: number;
  readonly #tells: Bus['tells'];
  /**
   * From when on, by `Clock.elapsed`, changes that were to be heard of may go unheard: timers and messages have their
   * turn only after whoever reads first in a process that stood still.
   */
  silentFrom = Infinity;
  #heardSince = Infinity;
  #lostAt = -Infinity;

  /**
   * `unheard`: for how many milliseconds a value is believed where its changes are not heard of; `tells`: the changes
   * of which values are, once any are.
   */
  constructor(unheard: number, tells: Bus['tells'] = 'all') {
    this.#unheard = unheard;
    this.#tells = tells;
  }

  /** Whether changes are heard of. */
  get hears(): boolean {
    return this.#heardSince !== Infinity;
  }

  /**
   * Until when a value is believed that was true at the instant `trueAt`, and that the shared store has, or has not; all
   * instants are by `Clock.elapsed`.
   */
  until(trueAt: number, stored: boolean): number {
    const isTold = trueAt >= this.#heardSince && (stored || this.#tells === 'all');
    return isTold ? Infinity : trueAt + this.#unheard;
  }

  /** Whether a value that was to be believed until a change is heard of is so no longer: one may have been missed since. */
  isLost(trueAt: number): boolean {
    return trueAt <= this.#lostAt;
  }

  /** Every change since the instant `since` will have been heard of. */
  hear(since: number): void {
    this.#heardSince = Math.min(this.#heardSince, Math.max(since, this.#lostAt));
    this.silentFrom = since + this.#unheard;
  }

  /** Changes up to now may have been missed; from now on they are heard of as before. */
  doubt(now: number): void {
    this.#lostAt = now;
    if (this.hears) this.#heardSince = now;
  }

  /** Changes are not heard of any longer. */
  lose(now: number): void {
    this.#lostAt = now;
    this.#heardSince = this.silentFrom = Infinity;
  }
}

/** That of a process that shares with nobody: what it has not changed itself has not changed. */
export const ownTruth = new Trust(Infinity);
