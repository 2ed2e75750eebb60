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
 * A bounded map whose entries end by themselves. When it is full, those go first that were set longest ago. One
 * background timer, set only while there are entries, drops what is over.
 */
export class ExpiringMap<V> {
  readonly #clock: Clock;
  readonly #bounds: Bounds;
  /** In the order in which they were set. */
  readonly #held = new Map<string, Held<V>>();
  #size = 0;
  #sweep: Timer | undefined;

  constructor(clock: Clock, bounds: Bounds) {
    this.#clock = clock;
    this.#bounds = bounds;
  }

  get(key: string): V | undefined {
    const held = this.#held.get(key);
    if (held === undefined) return undefined;
    if (held.until > this.#now) return held.value;
    this.delete(key);
    return undefined;
  }

  /** Keeps the value for `ms` milliseconds from now. */
  set(key: string, value: V, ms: number, size = 0): void {
    this.delete(key);
    this.#held.set(key, { value, until: this.#now + ms, size });
    this.#size += size;
    for (const [oldest] of this.#held) {
      if (this.#held.size <= this.#bounds.entries && this.#size <= this.#bounds.size) break;
      this.delete(oldest);
    }
    this.#sweep ??= this.#clock.setTimer(betweenSweeps, () => this.#dropOver(), true);
  }

  delete(key: string): void {
    this.#size -= this.#held.get(key)?.size ?? 0;
    this.#held.delete(key);
  }

  keys(): string[] {
    return [...this.#held.keys()].filter((key) => this.get(key) !== undefined);
  }

  /** Ends the timer, with all entries. */
  close(): void {
    this.#sweep?.cancel();
    this.#held.clear();
    this.#size = 0;
  }

  get #now(): number {
    return this.#clock.elapsed();
  }

  #dropOver(): void {
    this.#sweep = undefined;
    const now = this.#now;
    for (const [key, { until }] of this.#held) if (until <= now) this.delete(key);
    if (this.#held.size > 0) this.#sweep = this.#clock.setTimer(betweenSweeps, () => this.#dropOver(), true);
  }
}
