/**
 * A doubly linked list of slot numbers, from the least to the most recently used, in two typed arrays that grow with
 * it. Slot 0 is the list's head. (A JavaScript Map or Set used as a queue walks its deleted entries at each eviction.)
 */
export class RecencyList {
  #next = new Int32Array(64);
  #previous = new Int32Array(64);
  #used = 1;
  readonly #free: number[] = [];

  /** Adds a slot as the most recently used one. */
  add(): number {
    const slot = this.#free.pop() ?? this.#used++;
    if (slot >= this.#next.length) this.#grow();
    this.#link(slot);
    return slot;
  }

  /** Makes the slot the most recently used one. */
  touch(slot: number): void {
    if (this.#previous[0] === slot) return;
    this.#unlink(slot);
    this.#link(slot);
  }

  remove(slot: number): void {
    this.#unlink(slot);
    this.#free.push(slot);
  }

  /** The least recently used slot; 0 when there is none. */
  get oldest(): number {
    return this.#next[0]!;
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

  #grow(): void {
    const next = new Int32Array(this.#next.length * 2);
    const previous = new Int32Array(this.#next.length * 2);
    next.set(this.#next);
    previous.set(this.#previous);
    this.#next = next;
    this.#previous = previous;
  }
}
