import type fc from 'fast-check';
import type { Clock } from '../../src/model/clock.ts';
import { ManualClock } from '../../src/model/manual-clock.ts';
import type { Wire } from '../../src/testing/shared-store-model.ts';

/** A step that happens when the scheduler says so. */
export async function step(scheduler: fc.Scheduler, label: string): Promise<void> {
  await scheduler.schedule(Promise.resolve(), label);
}

/** Does one thing after the other, each when the scheduler says so. */
export async function play<A extends string>(
  scheduler: fc.Scheduler,
  todo: readonly A[],
  act: (action: A) => Promise<unknown>,
): Promise<void> {
  for (const action of todo) {
    await step(scheduler, action);
    await act(action);
  }
}

/** A wire whose every request and reply takes its turn among all other steps. */
export function scheduledWire(scheduler: fc.Scheduler, process: string): Wire {
  return (what) => step(scheduler, `${process}: ${what}`);
}

/**
 * A clock whose timers up to `longest` milliseconds fire when the scheduler says so: a pause between two looks at a
 * lease, or, with a large `longest`, every deadline at the worst of moments. Time moves on with the pauses alone.
 */
export function scheduledClock(scheduler: fc.Scheduler, longest: number): Clock {
  let now = new ManualClock().now();
  return {
    now: () => now,
    elapsed: () => now,
    setTimer(ms, run) {
      const due = now + ms;
      let cancelled = false;
      if (ms <= longest) {
        void step(scheduler, `timer ${Math.round(ms)}`).then(() => {
          if (cancelled) return;
          if (ms <= longestPause) now = Math.max(now, due);
          run();
        });
      }
      return { cancel: () => (cancelled = true) };
    },
  };
}

/** Timers up to this many milliseconds are pauses. */
export const longestPause = 60;

/** A system of record with one value that only rises, and whose reads and writes take time. */
export class VersionedSource {
  #version = 0;
  readonly #scheduler: fc.Scheduler;

  constructor(scheduler: fc.Scheduler) {
    this.#scheduler = scheduler;
  }

  get version(): number {
    return this.#version;
  }

  /** Reads at some instant between request and reply. */
  async load(): Promise<number> {
    await step(this.#scheduler, 'source: read request');
    const version = this.#version;
    await step(this.#scheduler, 'source: read reply');
    return version;
  }

  /** Writes the next version at some instant between request and reply. */
  async write(): Promise<number> {
    await step(this.#scheduler, 'source: write request');
    this.#version += 1;
    const version = this.#version;
    await step(this.#scheduler, 'source: write reply');
    return version;
  }

  /** Writes this very version, unless a higher one came first; as a row with a version column does. */
  async save(version: number): Promise<void> {
    await step(this.#scheduler, 'source: save request');
    this.#version = version;
    await step(this.#scheduler, 'source: save reply');
  }
}

/**
 * How many interleavings are tried: the same two hundred with every run of the tests, and with `SCHEDULES=20000` as
 * many new ones (`pnpm test:soak`).
 */
export function explored(): { numRuns: number; seed?: number } {
  const many = process.env['SCHEDULES'];
  return many === undefined ? { numRuns: 200, seed: 20_261_121 } : { numRuns: Number(many) };
}
