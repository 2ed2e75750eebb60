import type { Clock } from '../model/clock.ts';
import type { Entry, TagClock } from '../model/entry.ts';
import type { TagRecord } from '../model/store.ts';

/** How many single tags are remembered; beyond that the older half of them counts as one invalidation of everything. */
export const mostTags = 20_000;

/** The tag that every entry of a namespace has. */
export const namespaceTag = '*';

/** The tag that every entry of a resource has: `clear()` is its invalidation. */
export function resourceTag(segment: string): string {
  return `@${segment}`;
}

/** A user's tag as it is recorded, apart from the two above. */
export function userTag(tag: string): string {
  return `#${tag}`;
}

export function isUserTag(tag: string): boolean {
  return tag.startsWith('#');
}

/** The resource whose values alone may have a user's tag: the tag says so by its name and a NUL before the rest. */
export function ownerOf(tag: string): string | undefined {
  const end = tag.indexOf('\0');
  return end < 0 ? undefined : tag.slice(1, end);
}

/**
 * What this process knows of tag invalidations (docs/consistency.md). An entry is valid if it is of the same
 * generation and none of its tags was invalidated after what its process knew before it began to load. Knowing less
 * than there is to know is therefore safe: it only costs a miss.
 *
 * What this process has loaded itself is judged by the order in which it learned things, not by the shared clock: so
 * a load that began after an invalidation is valid although the shared record cannot be asked how late it is by now.
 */
export class TagClocks {
  readonly #clock: Clock;
  #generation = '';
  #at = 0;
  /** By tag: the shared instant of its invalidation, and the version at which this process learned of it. */
  readonly #invalidations = new Map<string, Invalidation>();
  readonly #blocked = new Map<string, number>();
  #version = 1;
  /** The version at which the record began that the generation names. */
  #began = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Rises with every change, so that an entry checked at this version need not be checked again. */
  get version(): number {
    return this.#version;
  }

  /** Has every entry checked once more, for what else may have become of it. */
  recheck(): void {
    this.#version += 1;
  }

  /** What a load that begins now is to note. */
  get known(): TagClock {
    return { generation: this.#generation, at: this.#at, version: this.#version };
  }

  isValid(entry: Entry, resource: string): boolean {
    const { generation, version } = entry.known;
    if (version === undefined ? generation !== this.#generation : version < this.#began) return false;
    if (this.#isInvalidated(namespaceTag, entry.known) || this.#isInvalidated(resource, entry.known)) return false;
    for (const tag of entry.tags) if (this.#isInvalidated(tag, entry.known)) return false;
    return true;
  }

  /** True where a shared record with this clock has nothing that is unknown here. */
  isCurrent(clock: TagClock | undefined): boolean {
    return clock !== undefined && clock.generation === this.#generation && clock.at <= this.#at;
  }

  /** Takes over what the shared record says beyond what is known. */
  learn({ clock, instants }: TagRecord): void {
    // An answer that was overtaken by a newer one says less than what is known by now.
    if (clock.generation === this.#generation && clock.at < this.#at) return;
    this.#enter(clock.generation);
    this.#at = clock.at;
    this.#record([...instants]);
  }

  /** Records an invalidation at the instant the shared record gave it. */
  invalidatedAt(tags: readonly string[], clock: TagClock): void {
    for (const tag of tags) this.#blocked.delete(tag);
    if (tags.includes(namespaceTag)) this.#blocked.clear();
    // What is known of the shared clock stays: between it and this instant there may be others, for a sync to bring.
    this.#enter(clock.generation);
    this.#record(tags.map((tag) => [tag, clock.at]));
  }

  /** Records an invalidation where no other process takes part. */
  invalidateLocally(tags: readonly string[]): void {
    this.#at = Math.max(this.#clock.now() * 1_000, this.#at + 1);
    this.#record(tags.map((tag) => [tag, this.#at]));
  }

  /**
   * Nothing loaded before now counts as valid with these tags, and nothing that others have loaded, until the shared
   * record has been told of their invalidation. Gives back what it is to be told: too many to remember are one, that
   * of everything.
   */
  block(tags: readonly string[]): readonly string[] {
    this.#version += 1;
    for (const tag of tags) this.#blocked.set(tag, this.#version);
    if (this.#blocked.size <= mostTags) return tags;
    this.#blocked.clear();
    this.#blocked.set(namespaceTag, this.#version);
    return [namespaceTag];
  }

  /** A record of another generation knows nothing of what the last one said: all from before it is invalid. */
  #enter(generation: string): void {
    if (generation === this.#generation) return;
    this.#generation = generation;
    this.#at = 0;
    this.#invalidations.clear();
    this.#version += 1;
    this.#began = this.#version;
  }

  #record(instants: readonly (readonly [string, number])[]): void {
    this.#version += 1;
    for (const [tag, at] of instants) this.#note(tag, { at, version: this.#version });
    if (this.#invalidations.size > mostTags) this.#forgetOldest(this.#invalidations.size - mostTags / 2);
  }

  /** The latest noted is the last of all. */
  #note(tag: string, { at, version }: Invalidation): void {
    const last = this.#invalidations.get(tag);
    if (last !== undefined && last.at >= at) return;
    this.#invalidations.delete(tag);
    this.#invalidations.set(tag, { at, version });
  }

  /** Everything from before the latest of those that are forgotten counts as invalidated instead. */
  #forgetOldest(count: number): void {
    const latest = { at: 0, version: 0 };
    for (const [tag, { at, version }] of this.#invalidations) {
      if (count === 0) break;
      count -= 1;
      latest.at = Math.max(latest.at, at);
      latest.version = Math.max(latest.version, version);
      this.#invalidations.delete(tag);
    }
    this.#note(namespaceTag, latest);
  }

  #isInvalidated(tag: string, known: TagClock): boolean {
    const invalidation = this.#invalidations.get(tag);
    if (known.version === undefined) return (invalidation?.at ?? 0) > known.at || this.#blocked.has(tag);
    return Math.max(invalidation?.version ?? 0, this.#blocked.get(tag) ?? 0) > known.version;
  }
}

interface Invalidation {
  readonly at: number;
  readonly version: number;
}
