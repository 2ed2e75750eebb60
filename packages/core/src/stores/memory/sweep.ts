import type { Clock, Timer } from '../../model/clock.ts';
import { grown } from './slot-queue.ts';

/** Milliseconds from the end of one round to the next. */
const betweenRounds = 30_000;
/** So many slots are looked at in one go, which takes about a millisecond if all of them have to be dropped. */
const stretch = 4_096;
/** Milliseconds between two goes of one round. */
const betweenStretches = 20;

/**
 * Drops what is over, though nobody asks for it: one background timer, set only while there is something that will be
 * over some day, goes round the slots, a bounded number at a time.
 */
export class Sweep {
  readonly #clock: Clock;
  readonly #over: (slot: number, now: number) => void;
  /** From when on the entry of a slot is of no use; 0 where there is none or it never will be. */
  #until = new Float64Array(64);
  /** One more than the highest slot that was ever watched. */
  #end = 1;
  #watched = 0;
  #hand = 0;
  #leftOfRound = 0;
  #timer: Timer | undefined;

  /** `over` is told of each slot whose instant has come, and drops it, or has it watched further on. */
  constructor(clock: Clock, over: (slot: number, now: number) => void) {
    this.#clock = clock;
    this.#over = over;
  }

  /** Has the slot looked at some time after the instant `until`, by `Clock.elapsed`. */
  watch(slot: number, until: number): void {
    if (until === Infinity) {
      this.forget(slot);
      return;
    }
    if (slot >= this.#until.length) this.#until = grown(this.#until, slot);
    if (this.#until[slot] === 0) this.#watched += 1;
    // Zero means none, and what ended before the clock began is over at any later instant just as well.
    this.#until[slot] = until > 0 ? until : Number.MIN_VALUE;
    this.#end = Math.max(this.#end, slot + 1);
    this.#timer ??= this.#after(betweenRounds);
  }

  forget(slot: number): void {
    if (slot >= this.#end || this.#until[slot] === 0) return;
    this.#until[slot] = 0;
    this.#watched -= 1;
    if (this.#watched === 0) this.#rest();
  }

  /** Goes on by so many slots, at most once round, and tells of those that are over. */
  look(slots: number): void {
    if (this.#watched === 0) return;
    const now = this.#clock.elapsed();
    for (let left = Math.min(slots, this.#end); left > 0; left -= 1) {
      this.#hand = this.#hand + 1 < this.#end ? this.#hand + 1 : 0;
      const until = this.#until[this.#hand]!;
      if (until !== 0 && until <= now) this.#over(this.#hand, now);
    }
  }

  #after(ms: number): Timer {
    return this.#clock.setTimer(ms, () => this.#goOn(), true);
  }

  #goOn(): void {
    if (this.#leftOfRound === 0) this.#leftOfRound = this.#end;
    const slots = Math.min(stretch, this.#leftOfRound);
    this.#leftOfRound -= slots;
    this.#timer = this.#after(this.#leftOfRound > 0 ? betweenStretches : betweenRounds);
    this.look(slots);
  }

  #rest(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#leftOfRound = 0;
  }
}
