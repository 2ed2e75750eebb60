import type { Clock } from '../../model/clock.ts';

/** For how many milliseconds a reading counts. */
const life = 10_000;
/** How much slower than ours the other clock may go: more than ordinary machines differ, and than NTP slows one down. */
const drift = 1 / 1_000;

/**
 * What a server's own clock says by now, as far as its replies have told. A reply with a time in it was made at some
 * moment between the question and now, so the server's clock says that time at least, and no more than that and what has
 * passed since the question. The least is what counts here: an instant is never taken to be later than it is.
 */
export class ServerClock {
  readonly #clock: Clock;
  /** What its clock was ahead of ours by, at least, when it was read. */
  #lead = 0;
  #readAt = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What our own clock says (`Clock.elapsed`), at this moment. */
  get here(): number {
    return this.#clock.elapsed(true);
  }

  /** Takes the time, in milliseconds, from the reply to what was asked at `askedAt`. */
  read(time: number, askedAt: number): void {
    const { here } = this;
    const least = time - here;
    // Of several replies the one that tells most counts. But where it told too much, the server has another time by now: its
    // clock was set back, or another server has taken its place.
    const told = this.#leadBy(here);
    if (told !== undefined && least < told && told <= time + 1 - askedAt) return;
    this.#lead = least;
    this.#readAt = here;
  }

  /** What the server's clock says when ours says `instant`, or less; `undefined` where nothing is known of it. */
  at(instant: number): number | undefined {
    const lead = this.#leadBy(this.here);
    return lead === undefined ? undefined : Math.floor(lead + instant);
  }

  /** What its clock is ahead by at that moment, at least: less from moment to moment, as clocks differ in their pace. */
  #leadBy(here: number): number | undefined {
    const age = here - this.#readAt;
    return age > life ? undefined : this.#lead - age * drift;
  }
}
