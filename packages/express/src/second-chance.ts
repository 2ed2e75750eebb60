/**
 * A map of at most `size` entries. The oldest has to go, unless it was looked up since it came or was last spared (the
 * second-chance rule, CLOCK): a flood of keys that nobody asks for again leaves those alone that somebody does.
 */
export class SecondChanceMap<V extends object> {
  readonly #size: number;
  readonly #entries = new Map<string, { value: V; used: boolean }>();

  constructor(size: number) {
    this.#size = size;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    entry.used = true;
    return entry.value;
  }

  set(key: string, value: V): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) entry.value = value;
    else {
      if (this.#entries.size >= this.#size) this.#makeRoom();
      this.#entries.set(key, { value, used: false });
    }
  }

  /** It ends: who is spared once is not spared again in the same round. */
  #makeRoom(): void {
    for (const [key, entry] of this.#entries) {
      this.#entries.delete(key);
      if (!entry.used) return;
      entry.used = false;
      this.#entries.set(key, entry);
    }
  }
}
