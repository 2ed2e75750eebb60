/** Who has to go when a memory store has no room: `s3Fifo()`, `lru()`, or one of your own. */
export interface EvictionPolicy {
  /** An empty order, for one cache. */
  open(): EvictionOrder;
}

/**
 * The order in which entries have to go. It knows an entry by its slot: a whole number from 1 on that is the entry's while
 * it is kept, and another one's afterwards; numbers stay as small as there are entries, so that arrays go by them.
 */
export interface EvictionOrder {
  /** Takes a new entry in. A key is unique within its segment, which is a number, too. */
  add(slot: number, key: string, segment: number): void;
  /** The entry was asked for or replaced. This is on the path of every hit. */
  use(slot: number): void;
  /** The entry is gone, for another reason than want of room. */
  remove(slot: number): void;
  /** Takes out the entry that goes first and tells its slot; asked for only while there is one. */
  evict(): number;
}
