import type { LocalEntry, LocalFigures, LocalSegment } from '../../model/store.ts';
import type { EvictionOrder } from './eviction-policy.ts';

/** What a segment needs of the space that it is a part of. */
export interface Room {
  readonly order: EvictionOrder;
  /** By slot. */
  readonly entries: readonly (LocalEntry | undefined)[];
  readonly countsBytes: boolean;
  /** Takes an entry in, in place of the one in the slot `before`; false if it is larger than all the room there is. */
  keep(segment: MemorySegment, key: string, entry: LocalEntry, before: number | undefined): boolean;
  drop(slot: number): void;
}

/** The entries of one resource. It knows in which slots they are; room for them is the space's to find. */
export class MemorySegment implements LocalSegment {
  /** Different for every segment of a space. */
  readonly number: number;
  /** What it has dropped by itself. */
  readonly evictions = { capacity: 0, expired: 0, tooLarge: 0 };
  /** For the space: where the entry of each key is, and what they take together. */
  readonly slots = new Map<string, number>();
  bytes = 0;
  readonly #room: Room;
  readonly #order: EvictionOrder;
  readonly #entries: readonly (LocalEntry | undefined)[];

  constructor(room: Room, number: number) {
    this.number = number;
    this.#room = room;
    this.#order = room.order;
    this.#entries = room.entries;
  }

  get size(): number {
    return this.slots.size;
  }

  get(key: string): LocalEntry | undefined {
    const slot = this.slots.get(key);
    if (slot === undefined) return undefined;
    this.#order.use(slot);
    return this.#entries[slot];
  }

  set(key: string, entry: LocalEntry): boolean {
    return this.#room.keep(this, key, entry, this.slots.get(key));
  }

  delete(key: string): void {
    const slot = this.slots.get(key);
    if (slot !== undefined) this.#room.drop(slot);
  }

  figures(): LocalFigures {
    const bytes = this.#room.countsBytes ? this.bytes : undefined;
    return { entries: this.size, bytes, evictions: { ...this.evictions } };
  }
}
