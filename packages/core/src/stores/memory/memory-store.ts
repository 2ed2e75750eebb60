import { type ByteSize, parseBytes } from '../../model/bytes.ts';
import { integer, optional, parseOptions, withDefault } from '../../model/options.ts';
import type { LocalEntry, LocalSegment, LocalSpace, LocalStore } from '../../model/store.ts';
import { RecencyList } from './recency-list.ts';
import { sizeOf } from './size-of.ts';

export interface MemoryStoreOptions {
  /** The most entries it holds, of all resources together. Default 10 000. */
  maxEntries?: number;
  /** About the most bytes of heap that keys and values take, of all resources together. Default: not bounded by bytes. */
  maxBytes?: ByteSize;
}

/** A store in the memory of this process; it forgets what was least recently used when it is full. */
export function memoryStore(options: MemoryStoreOptions = {}): LocalStore {
  const { maxEntries, maxBytes } = parseOptions('memoryStore', options, {
    maxEntries: withDefault(integer(1, 2 ** 24), 10_000),
    maxBytes: optional(parseBytes),
  });
  return { name: 'memory', scope: 'process', open: () => new MemorySpace(maxEntries, maxBytes) };
}

interface Held {
  readonly segment: MemorySegment;
  readonly key: string;
  readonly entry: LocalEntry;
  readonly slot: number;
  readonly bytes: number;
}

class MemorySpace implements LocalSpace {
  readonly #maxEntries: number;
  readonly #maxBytes: number | undefined;
  readonly #recency = new RecencyList();
  readonly #bySlot: (Held | undefined)[] = [];
  #entries = 0;
  #bytes = 0;

  constructor(maxEntries: number, maxBytes: number | undefined) {
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes;
  }

  segment(): MemorySegment {
    return new MemorySegment(this);
  }

  touch(held: Held): void {
    this.#recency.touch(held.slot);
  }

  /** Makes room and takes the entry in; `undefined` for one that is larger than all the room there is. */
  hold(segment: MemorySegment, key: string, entry: LocalEntry): Held | undefined {
    // Bytes are counted only where they are bounded: counting walks the value.
    const bytes = this.#maxBytes === undefined ? 0 : sizeOf(entry.value) + key.length * 2 + 200;
    if (bytes > (this.#maxBytes ?? Infinity)) return undefined;
    const held: Held = { segment, key, entry, bytes, slot: this.#recency.add() };
    this.#bySlot[held.slot] = held;
    this.#entries += 1;
    this.#bytes += bytes;
    while (this.#entries > this.#maxEntries || this.#bytes > (this.#maxBytes ?? Infinity)) {
      const oldest = this.#bySlot[this.#recency.oldest]!;
      oldest.segment.delete(oldest.key);
    }
    return held;
  }

  drop(held: Held): void {
    this.#recency.remove(held.slot);
    this.#bySlot[held.slot] = undefined;
    this.#entries -= 1;
    this.#bytes -= held.bytes;
  }

  close(): void {
    for (const held of [...this.#bySlot]) held?.segment.delete(held.key);
  }
}

class MemorySegment implements LocalSegment {
  readonly #space: MemorySpace;
  readonly #entries = new Map<string, Held>();

  constructor(space: MemorySpace) {
    this.#space = space;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): LocalEntry | undefined {
    const held = this.#entries.get(key);
    if (held === undefined) return undefined;
    this.#space.touch(held);
    return held.entry;
  }

  set(key: string, entry: LocalEntry): void {
    this.delete(key);
    const held = this.#space.hold(this, key, entry);
    if (held !== undefined) this.#entries.set(key, held);
  }

  delete(key: string): void {
    const held = this.#entries.get(key);
    if (held === undefined) return;
    this.#entries.delete(key);
    this.#space.drop(held);
  }
}
