import type { Clock } from '../model/clock.ts';
import type { Entry } from '../model/entry.ts';
import type { LocalEntry, LocalSegment } from '../model/store.ts';
import type { Kept } from './isolation.ts';
import type { TagClocks } from './tag-clocks.ts';

/** The memory of one resource as the engine sees it: entries that may be served right now, and nothing else. */
export class NearTier {
  readonly #segment: LocalSegment;
  readonly #clock: Clock;
  readonly #tags: TagClocks;
  readonly #resourceTag: string;
  readonly #trust: number;

  /** `trust`: for how many milliseconds a value is served after it was last known to be true elsewhere. */
  constructor(segment: LocalSegment, clock: Clock, tags: TagClocks, resourceTag: string, trust: number) {
    this.#segment = segment;
    this.#clock = clock;
    this.#tags = tags;
    this.#resourceTag = resourceTag;
    this.#trust = trust;
  }

  /** The entry of the key if it is fresh, trusted and valid. This is the hot path: it allocates nothing. */
  get(key: string): LocalEntry | undefined {
    const held = this.#segment.get(key);
    if (held === undefined || held.servedUntil <= this.#clock.elapsed()) return undefined;
    return held.checkedVersion === this.#tags.version || this.#recheck(key, held) ? held : undefined;
  }

  /** Keeps an entry whose value was true at the instant `trueAt`, by `Clock.elapsed`. */
  set(key: string, entry: Entry, kept: Kept, trueAt: number): void {
    const now = this.#clock.elapsed();
    const servedUntil = Math.min(now + entry.freshUntil - this.#clock.now(), trueAt + this.#trust);
    if (!(servedUntil > now)) return;
    this.#segment.set(key, {
      ...entry,
      value: kept.value,
      handOut: kept.handOut,
      settled: kept.handOut === undefined ? Promise.resolve(kept.value) : undefined,
      servedUntil,
      // It may have been invalidated while it was loaded: the first hit has to look.
      checkedVersion: 0,
    });
  }

  delete(key: string): void {
    this.#segment.delete(key);
  }

  #recheck(key: string, held: LocalEntry): boolean {
    held.checkedVersion = this.#tags.version;
    const valid = this.#tags.isValid(held, this.#resourceTag);
    if (!valid) this.#segment.delete(key);
    return valid;
  }
}
