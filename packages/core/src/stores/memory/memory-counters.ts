import type { Clock } from '../../model/clock.ts';
import { type CounterSpace, partsOfWindow, type Quota, type Usage, type Verdict } from '../../model/counters.ts';
import { ExpiringMap } from './expiring-map.ts';

/** So many keys are told apart; beyond that, hits of those counted longest ago are forgotten. */
const bounds = { entries: 100_000, size: Infinity };

/** Counters of this process alone, for a cache without a shared tier, and for while it is out of reach. */
export class MemoryCounters implements CounterSpace {
  readonly #clock: Clock;
  readonly #windows: ExpiringMap<Window>;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#windows = new ExpiringMap(clock, bounds);
  }

  async hit(group: string, quotas: readonly Quota[]): Promise<Verdict> {
    const now = this.#clock.elapsed(true);
    const windows = quotas.map((quota) => this.#windowOf(group, quota, now));
    const allowed = windows.every((window, i) => window.hits < quotas[i]!.limit);
    windows.forEach((window, i) => {
      const quota = quotas[i]!;
      if (!allowed && !quota.countRefused) return;
      window.add(now);
      this.#windows.set(nameOf(group, quota), window, window.endsIn(now));
    });
    return { allowed, usages: windows.map((window, i) => usageOf(window, quotas[i]!, now)) };
  }

  async look(group: string, quota: Quota): Promise<Usage> {
    const now = this.#clock.elapsed(true);
    return usageOf(this.#windowOf(group, quota, now), quota, now);
  }

  async giveBack(group: string, quota: Quota): Promise<void> {
    this.#windowOf(group, quota, this.#clock.elapsed(true)).remove();
  }

  async reset(group: string, quota: Quota): Promise<void> {
    this.#windows.delete(nameOf(group, quota));
  }

  async *clear(): AsyncGenerator<number, void, undefined> {
    const names = this.#windows.keys();
    for (const name of names) this.#windows.delete(name);
    yield names.length;
  }

  close(): void {
    this.#windows.close();
  }

  #windowOf(group: string, quota: Quota, now: number): Window {
    const { algorithm, window } = quota;
    const found = this.#windows.get(nameOf(group, quota));
    if (found !== undefined && found.endsIn(now) > 0) return found.at(now);
    return algorithm === 'fixed' ? new FixedWindow(now + window, window) : new SlidingWindow(window);
  }
}

function nameOf(group: string, { key, algorithm, window }: Quota): string {
  return `${group} ${key} ${algorithm} ${window}`;
}

function usageOf(window: Window, { limit }: Quota, now: number): Usage {
  return { hits: window.hits, resetIn: Math.ceil(window.resetIn(limit, now)) };
}

/** The hits of one key that count. Instants are by `Clock.elapsed`. */
interface Window {
  readonly hits: number;
  /** Forgets what no longer counts. */
  at(now: number): this;
  add(now: number): void;
  remove(): void;
  /** Milliseconds until nothing of it counts. */
  endsIn(now: number): number;
  /** See `Usage`. */
  resetIn(limit: number, now: number): number;
}

class FixedWindow implements Window {
  hits = 0;
  readonly #end: number;
  readonly #length: number;

  constructor(end: number, length: number) {
    this.#end = end;
    this.#length = length;
  }

  at(): this {
    return this;
  }

  add(): void {
    this.hits += 1;
  }

  remove(): void {
    this.hits = Math.max(0, this.hits - 1);
  }

  endsIn(now: number): number {
    return Math.min(this.#length, this.#end - now);
  }

  resetIn(_limit: number, now: number): number {
    return this.endsIn(now);
  }
}

class SlidingWindow implements Window {
  readonly #length: number;
  readonly #width: number;
  /** Hits by the part of time that they came in, oldest first. */
  readonly #parts = new Map<number, number>();

  constructor(length: number) {
    this.#length = length;
    this.#width = Math.ceil(length / partsOfWindow);
  }

  get hits(): number {
    let sum = 0;
    for (const count of this.#parts.values()) sum += count;
    return sum;
  }

  at(now: number): this {
    for (const part of this.#parts.keys()) if (this.#forgottenIn(part, now) <= 0) this.#parts.delete(part);
    return this;
  }

  add(now: number): void {
    const part = Math.floor(now / this.#width);
    this.#parts.set(part, (this.#parts.get(part) ?? 0) + 1);
  }

  remove(): void {
    const [part, count] = [...this.#parts].at(-1) ?? [0, 0];
    if (count > 1) this.#parts.set(part, count - 1);
    else this.#parts.delete(part);
  }

  endsIn(now: number): number {
    const last = [...this.#parts.keys()].at(-1);
    return last === undefined ? this.#length : this.#forgottenIn(last, now);
  }

  resetIn(limit: number, now: number): number {
    let left = this.hits;
    for (const [part, count] of this.#parts) {
      left -= count;
      if (left < limit) return this.#forgottenIn(part, now);
    }
    return this.#length;
  }

  /** A part is forgotten once its very last instant is a whole window ago. */
  #forgottenIn(part: number, now: number): number {
    return (part + 1) * this.#width + this.#length - now;
  }
}
