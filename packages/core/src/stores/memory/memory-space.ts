import type { Clock } from '../../model/clock.ts';
import type { LocalEntry, LocalSpace } from '../../model/store.ts';
import type { EvictionOrder } from './eviction-policy.ts';
import { MemorySegment, type Room } from './memory-segment.ts';
import { sizeOf } from './size-of.ts';
import { Sweep } from './sweep.ts';

/** About what an entry takes besides its key, its value and its tags: its fields, its slot and its place in the Map. */
const bytesOfEntry = 500;
/** So many slots are searched for what is over before something that is not has to go. */
const searchedFirst = 8;

/** The room of one cache: its bounds, and who is in which slot. Slots are used again; there is no slot 0. */
export class MemorySpace implements LocalSpace, Room {
  readonly order: EvictionOrder;
  readonly countsBytes: boolean;
  readonly entries: (LocalEntry | undefined)[] = [undefined];
  readonly #keys: string[] = [''];
  readonly #segments: (MemorySegment | undefined)[] = [undefined];
  readonly #bytes: number[] = [0];
  readonly #freeSlots: number[] = [];
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  readonly #sweep: Sweep;
  #size = 0;
  #totalBytes = 0;
  #segmentsMade = 0;
  #closed = false;

  constructor(maxEntries: number, maxBytes: number | undefined, order: EvictionOrder, clock: Clock) {
    this.order = order;
    this.countsBytes = maxBytes !== undefined;
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes ?? Infinity;
    this.#sweep = new Sweep(clock, (slot, now) => {
      // It may have been used since it was watched: uses are noted in the entry alone, and cost no more.
      const until = usefulUntil(this.entries[slot]!);
      if (until > now) return this.#sweep.watch(slot, until);
      this.#segments[slot]!.evictions.expired += 1;
      this.drop(slot);
    });
  }

  segment(): MemorySegment {
    this.#segmentsMade += 1;
    return new MemorySegment(this, this.#segmentsMade);
  }

  keep(segment: MemorySegment, key: string, entry: LocalEntry, before: number | undefined): boolean {
    if (this.#closed) return true;
    // Bytes are counted only where they are bounded: counting walks the value.
    const bytes = this.countsBytes ? this.#sizeOf(key, entry) : 0;
    if (bytes > this.#maxBytes) {
      if (before !== undefined) this.drop(before);
      segment.evictions.tooLarge += 1;
      return false;
    }
    if (before === undefined) this.#add(segment, key, entry, bytes);
    else this.#replace(before, entry, bytes);
    return true;
  }

  drop(slot: number): void {
    this.order.remove(slot);
    this.#free(slot);
  }

  close(): void {
    this.#closed = true;
    this.#segments.forEach((segment, slot) => {
      if (segment !== undefined) this.drop(slot);
    });
  }

  #add(segment: MemorySegment, key: string, entry: LocalEntry, bytes: number): void {
    this.#makeRoom(1, bytes);
    const slot = this.#freeSlots.pop() ?? this.entries.length;
    this.entries[slot] = entry;
    this.#keys[slot] = key;
    this.#segments[slot] = segment;
    segment.slots.set(key, slot);
    this.#size += 1;
    this.#weigh(slot, segment, 0, bytes);
    this.order.add(slot, key, segment.number);
    this.#sweep.watch(slot, usefulUntil(entry));
  }

  #replace(slot: number, entry: LocalEntry, bytes: number): void {
    this.order.use(slot);
    this.entries[slot] = entry;
    this.#weigh(slot, this.#segments[slot]!, this.#bytes[slot]!, bytes);
    this.#sweep.watch(slot, usefulUntil(entry));
    this.#makeRoom(0, 0, slot);
  }

  /** Makes room for so much more, without letting `kept` go. */
  #makeRoom(entries: number, bytes: number, kept = 0): void {
    if (this.#fits(entries, bytes)) return;
    this.#sweep.look(searchedFirst);
    while (!this.#fits(entries, bytes)) {
      const slot = this.order.evict();
      const segment = this.#segments[slot]!;
      if (slot === kept) this.order.add(slot, this.#keys[slot]!, segment.number);
      else {
        segment.evictions.capacity += 1;
        this.#free(slot);
      }
    }
  }

  #fits(entries: number, bytes: number): boolean {
    return this.#size + entries <= this.#maxEntries && this.#totalBytes + bytes <= this.#maxBytes;
  }

  #sizeOf(key: string, { tags, value }: LocalEntry): number {
    return bytesOfEntry + key.length * 2 + (tags.length > 0 ? sizeOf(tags) : 0) + sizeOf(value, this.#maxBytes);
  }

  #weigh(slot: number, segment: MemorySegment, before: number, after: number): void {
    if (!this.countsBytes) return;
    this.#bytes[slot] = after;
    this.#totalBytes += after - before;
    segment.bytes += after - before;
  }

  /** Empties a slot; nothing here refers any longer to what was in it. */
  #free(slot: number): void {
    const segment = this.#segments[slot]!;
    segment.slots.delete(this.#keys[slot]!);
    this.#weigh(slot, segment, this.#bytes[slot]!, 0);
    this.#sweep.forget(slot);
    this.entries[slot] = undefined;
    this.#keys[slot] = '';
    this.#segments[slot] = undefined;
    this.#freeSlots.push(slot);
    this.#size -= 1;
  }
}

/** From when on it is of no use, unless it is used before. */
function usefulUntil({ keptUntil, idleUntil }: LocalEntry): number {
  return Math.min(keptUntil, idleUntil);
}
