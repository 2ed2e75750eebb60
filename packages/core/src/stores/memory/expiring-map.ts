import type { Clock, Timer } from '../../model/clock.ts';

/** Milliseconds from one look for what is over to the next. */
const betweenSweeps = 30_000;

interface Held<V> {
  readonly value: V;
  readonly until: number;
  readonly size: number;
}

export interface Bounds {
  readonly entries: number;
  /** In the unit of `size`. */
  readonly size: number;
}

/**
 * A bounded map whose entries end by themselves. It has two generations, each of half the bounds: when the younger is
 * full it becomes the elder, and what was not set since it began is dropped with the one before. To drop the oldest
 * entry each time would be slow: a `Map` has to step over all that was deleted at its beginning. One background timer, set
 * only while there are entries, drops what is over.
 */
export class ExpiringMap<V> {
  readonly #clock: Clock;
  readonly #bounds: Bounds;
  #younger = new Map<string, Held<V>>();
  #elder = new Map<string, Held<V>>();
  /** Of the younger. */
  #size = 0;
  #sweep: Timer | undefined;

  constructor(clock: Clock, bounds: Bounds) {
    this.#clock = clock;
    this.#bounds = bounds;
  }

  get(key: string): V | undefined {
    const held = this.#younger.get(key) ?? this.#elder.get(key);
    if (held === undefined) return undefined;
    if (held.until > this.#clock.elapsed()) return held.value;
    this.delete(key);
    return undefined;
  }

  /** Keeps the value for `ms` milliseconds from now. */
  set(key: string, value: V, ms: number, size = 0): void {
    this.delete(key);
    this.#younger.set(key, { value, until: this.#clock.elapsed() + ms, size });
    this.#size += size;
    if (this.#younger.size >= this.#bounds.entries / 2 || this.#size >= this.#bounds.size / 2) {
      this.#elder = this.#younger;
      this.#younger = new Map();
      this.#size = 0;
    }
    this.#sweep ??= this.#clock.setTimer(betweenSweeps, () => this.#dropOver(), true);
  }

  delete(key: string): void {
    this.#size -= this.#younger.get(key)?.size ?? 0;
    if (!this.#younger.delete(key)) this.#elder.delete(key);
  }

  keys(): string[] {
    return [...this.#elder.keys(), ...this.#younger.keys()].filter((key) => this.get(key) !== undefined);
  }

  /** Ends the timer, with all entries. */
  close(): void {
    this.#sweep?.cancel();
    this.#younger.clear();
    this.#elder.clear();
    this.#size = 0;
  }

  #dropOver(): void {
    this.#sweep = undefined;
    if (this.keys().length > 0) this.#sweep = this.#clock.setTimer(betweenSweeps, () => this.#dropOver(), true);
  }
}
