import type { Clock } from '../model/clock.ts';
import type { Entry } from '../model/entry.ts';
import type { LocalEntry, LocalFigures, LocalSegment } from '../model/store.ts';
import { type Freshness, freshnessOf, refreshWindow } from './freshness.ts';
import type { Kept } from './isolation.ts';
import type { Policy } from './policy.ts';
import type { TagClocks } from './tag-clocks.ts';
import type { Trust } from './trust.ts';

/** An entry of memory that may be used, and how. */
export interface Held {
  readonly entry: LocalEntry;
  readonly state: Exclude<Freshness, 'over'>;
}

/** What is known of a value that memory is to keep. */
export interface Truth {
  /** The instant at which it was true, by `Clock.elapsed`. */
  readonly trueAt: number;
  /** Whether the tier behind memory has it as well. */
  readonly stored: boolean;
}

/** The memory of one resource as the engine sees it: entries that may be served, and nothing else. */
export class NearTier {
  readonly #segment: LocalSegment;
  readonly #isNothing: boolean;
  readonly #clock: Clock;
  readonly #tags: TagClocks;
  readonly #resourceTag: string;
  readonly #trust: Trust;

  /** Without a segment it never holds anything. `trust`: until when a value is believed that was true elsewhere. */
  constructor(segment: LocalSegment | undefined, clock: Clock, tags: TagClocks, resourceTag: string, trust: Trust) {
    this.#segment = segment ?? nothingHeld;
    this.#isNothing = segment === undefined;
    this.#clock = clock;
    this.#tags = tags;
    this.#resourceTag = resourceTag;
    this.#trust = trust;
  }

  /** The entry of the key if it can be served without a further thought. This is the hot path: it allocates nothing. */
  get(key: string): LocalEntry | undefined {
    const held = this.#segment.get(key);
    if (held === undefined) return undefined;
    const now = this.#clock.elapsed();
    if (held.servedUntil <= now || this.#trust.silentFrom <= now) return undefined;
    if (held.checkedVersion === this.#tags.version) return held;
    return this.#recheck(key, held) && held.servedUntil !== -Infinity ? held : undefined;
  }

  /** What there is of the key, be it stale, and how it may be used. What was unused for too long is not there. */
  look(key: string): Held | undefined {
    const entry = this.#segment.get(key);
    if (entry === undefined) return undefined;
    if (entry.checkedVersion !== this.#tags.version && !this.#recheck(key, entry)) return undefined;
    const now = this.#clock.elapsed();
    if (entry.idleUntil <= now) {
      this.#segment.delete(key);
      return undefined;
    }
    const state = freshnessOf(entry, now + entry.skew);
    if (now < (entry.trustedUntil === Infinity ? this.#trust.silentFrom : entry.trustedUntil))
      return state === 'over' ? undefined : { entry, state };
    return now + entry.skew < entry.graceUntil && hasGrace(entry) ? { entry, state: 'grace' } : undefined;
  }

  /**
   * Keeps an entry of which that much is known; false where it is too large. An entry that is of no use by now is not
   * kept either.
   */
  set(key: string, entry: Entry, kept: Kept, { trueAt, stored }: Truth, policy: Policy): boolean {
    if (this.#isNothing) return true;
    const now = this.#clock.elapsed();
    const wall = this.#clock.now();
    const skew = wall - now;
    const trustedUntil = this.#trust.until(trueAt, stored);
    // What is over by now is so for the other clock too: in floating point its instant may be a little later than now.
    const here = (instant: number): number => (instant > wall ? instant - skew : -Infinity);
    const freshUntil = here(entry.freshUntil);
    const usedUntil = Math.min(Math.max(freshUntil, here(entry.staleUntil)), trustedUntil);
    const keptUntil = hasGrace(entry) ? Math.max(usedUntil, here(entry.graceUntil)) : usedUntil;
    if (!(keptUntil > now)) {
      this.#segment.delete(key);
      return true;
    }
    const calmUntil = freshUntil - refreshWindow(entry.loadMs, policy.refreshAhead);
    return this.#segment.set(key, {
      value: kept.value,
      createdAt: entry.createdAt,
      freshUntil: entry.freshUntil,
      staleUntil: entry.staleUntil,
      graceUntil: entry.graceUntil,
      tags: entry.tags,
      known: entry.known,
      loadMs: entry.loadMs,
      handOut: kept.handOut,
      settled: kept.handOut === undefined ? Promise.resolve(kept.value) : undefined,
      // Where idleness counts, every use has to be noted: none of them is served without a thought.
      servedUntil: policy.maxIdle === Infinity ? Math.min(calmUntil, trustedUntil) : -Infinity,
      trustedUntil,
      trueAt,
      keptUntil,
      skew,
      idleUntil: now + policy.maxIdle,
      // It may have been invalidated while it was loaded: the first hit has to look.
      checkedVersion: 0,
    });
  }

  /** Notes a use, for `maxIdle`. */
  use(entry: LocalEntry, policy: Policy): void {
    entry.idleUntil = this.#clock.elapsed() + policy.maxIdle;
  }

  delete(key: string): void {
    this.#segment.delete(key);
  }

  figures(): LocalFigures {
    return this.#segment.figures();
  }

  /** Whether it has been invalidated by none of its tags. */
  isValid(entry: Entry): boolean {
    return this.#tags.isValid(entry, this.#resourceTag);
  }

  #recheck(key: string, held: LocalEntry): boolean {
    held.checkedVersion = this.#tags.version;
    if (!this.isValid(held)) {
      this.#segment.delete(key);
      return false;
    }
    if (held.trustedUntil === Infinity && this.#trust.isLost(held.trueAt))
      held.servedUntil = held.trustedUntil = -Infinity;
    return true;
  }
}

/** Whether it may be served because its source fails: without `grace` that is over with its freshness, or with its trust. */
function hasGrace(entry: Entry): boolean {
  return entry.graceUntil > entry.freshUntil;
}

/** The memory of a cache that has none. */
const nothingHeld: LocalSegment = {
  size: 0,
  get: () => undefined,
  set: () => true,
  delete: () => undefined,
  figures: () => ({ entries: 0, bytes: 0, evictions: { capacity: 0, expired: 0, tooLarge: 0 } }),
};
