import type { Clock } from '../model/clock.ts';
import type { Entry, TagClock } from '../model/entry.ts';
import type { TagRecord } from '../model/store.ts';

/** How many single tags are remembered. */
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

/**
 * What this process knows of tag invalidations (CONSISTENCY, rule 9). An entry is valid if it is of the same
 * generation and none of its tags was invalidated after what its process knew before it began to load. Knowing less
 * than there is to know is therefore safe: it only costs a miss.
 */
export class TagClocks {
  readonly #clock: Clock;
  #known: TagClock = { generation: '', at: 0 };
  #instants = new Map<string, number>();
  readonly #blocked = new Set<string>();
  #version = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Rises with every change, so that an entry checked at this version need not be checked again. */
  get version(): number {
    return this.#version;
  }

  /** What a load that begins now is to note. */
  get known(): TagClock {
    return this.#known;
  }

  isValid(entry: Entry, resource: string): boolean {
    if (entry.known.generation !== this.#known.generation) return false;
    const after = entry.known.at;
    if (this.#invalidated(namespaceTag, after) || this.#invalidated(resource, after)) return false;
    for (const tag of entry.tags) if (this.#invalidated(tag, after)) return false;
    return true;
  }

  /** True where a shared record with this clock has nothing that is unknown here. */
  isCurrent(clock: TagClock | undefined): boolean {
    return clock !== undefined && clock.generation === this.#known.generation && clock.at <= this.#known.at;
  }

  /** Takes over what the shared record says beyond what is known. */
  learn(record: TagRecord): void {
    const sameGeneration = record.clock.generation === this.#known.generation;
    // An answer that was overtaken by a newer one says less than what is known by now.
    if (sameGeneration && record.clock.at < this.#known.at) return;
    if (!sameGeneration) this.#instants.clear();
    this.#known = record.clock;
    this.#record([...record.instants]);
  }

  /** Records an invalidation at the instant the shared record gave it. */
  invalidatedAt(tags: readonly string[], clock: TagClock): void {
    for (const tag of tags) this.#blocked.delete(tag);
    if (tags.includes(namespaceTag)) this.#blocked.clear();
    // `known` stays: there may be other invalidations between it and this one that only a sync can bring.
    this.#record(tags.map((tag) => [tag, clock.at]));
  }

  /** Records an invalidation where no other process takes part. */
  invalidateLocally(tags: readonly string[]): void {
    const at = Math.max(this.#clock.now() * 1_000, this.#known.at + 1);
    this.#known = { generation: this.#known.generation, at };
    this.#record(tags.map((tag) => [tag, at]));
  }

  /**
   * Nothing with these tags counts as valid until the shared record has been told of their invalidation. Gives back
   * what it is to be told: too many to remember are one, that of everything.
   */
  block(tags: readonly string[]): readonly string[] {
    this.#version += 1;
    for (const tag of tags) this.#blocked.add(tag);
    if (this.#blocked.size <= mostTags) return tags;
    this.#blocked.clear();
    this.#blocked.add(namespaceTag);
    return [namespaceTag];
  }

  #record(instants: readonly (readonly [string, number])[]): void {
    this.#version += 1;
    for (const [tag, at] of instants) this.#instants.set(tag, Math.max(at, this.#instants.get(tag) ?? 0));
    if (this.#instants.size <= mostTags) return;
    // Too many to remember: everything from before the latest counts as invalidated instead.
    let latest = 0;
    for (const at of this.#instants.values()) latest = Math.max(latest, at);
    this.#instants = new Map([[namespaceTag, latest]]);
  }

  #invalidated(tag: string, after: number): boolean {
    return (this.#instants.get(tag) ?? 0) > after || (this.#blocked.size > 0 && this.#blocked.has(tag));
  }
}
