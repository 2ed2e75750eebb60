/**
 * A queue of slot numbers, any of which may leave from the middle: a doubly linked list in two typed arrays that grow
 * with it. Slot 0 is the list's head. (A JavaScript Map or Set used as a queue walks its deleted entries at each look
 * for the first.)
 */
export class SlotQueue {
  #next = new Int32Array(64);
  #previous = new Int32Array(64);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The slot that has been here for longest; 0 when there is none. */
  get first(): number {
    return this.#next[0]!;
  }

  push(slot: number): void {
    if (slot >= this.#next.length) {
      this.#next = grown(this.#next, slot);
      this.#previous = grown(this.#previous, slot);
    }
    this.#link(slot);
    this.#size += 1;
  }

  remove(slot: number): void {
    this.#unlink(slot);
    this.#size -= 1;
  }

  shift(): number {
    const slot = this.first;
    this.remove(slot);
    return slot;
  }

  moveToEnd(slot: number): void {
    if (this.#previous[0] === slot) return;
    this.#unlink(slot);
    this.#link(slot);
  }

  #link(slot: number): void {
    const last = this.#previous[0]!;
    this.#next[last] = slot;
    this.#previous[slot] = last;
    this.#next[slot] = 0;
    this.#previous[0] = slot;
  }

  #unlink(slot: number): void {
    const before = this.#previous[slot]!;
    const after = this.#next[slot]!;
    this.#next[before] = after;
    this.#previous[after] = before;
  }
}

type Slots = Uint8Array | Int32Array | Float64Array;

/** A copy with room for the slot, and for as many again, so that growing costs each slot little. */
export function grown<A extends Slots>(array: A, slot: number): A {
  const larger = new (array.constructor as new (length: number) => A)(Math.max(array.length, slot) * 2);
  larger.set(array);
  return larger;
}
