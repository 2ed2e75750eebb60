/** How pending deletions are sent. */
export interface RepairCrew {
  tags(tags: readonly string[]): Promise<void>;
  addresses(addresses: readonly string[]): Promise<void>;
  marker(address: string, token: string): Promise<void>;
}

/**
 * Deletions that a shared store has not been told yet. Only deletions are ever replayed: a value that could not be
 * sent may be older than what another process wrote meanwhile (docs/consistency.md).
 */
export class Repairs {
  readonly #addresses = new Pending();
  readonly #tags = new Pending();
  /** Tokens and addresses, by a space: markers whose writers are done. */
  readonly #markers = new Pending();
  readonly #limit: number;
  readonly #everything: string;

  /** Beyond `limit` deletions they are given up singly, and the tag `everything` is invalidated instead. */
  constructor(limit: number, everything: string) {
    this.#limit = limit;
    this.#everything = everything;
  }

  get pending(): number {
    return this.#addresses.size + this.#tags.size + this.#markers.size;
  }

  /** True while the store may still hold a value of the address that must not be served. */
  isSuspect(address: string): boolean {
    return this.pending > 0 && (this.#addresses.has(address) || this.#tags.has(this.#everything));
  }

  addAddresses(addresses: readonly string[]): void {
    this.#addresses.add(addresses);
    if (this.#addresses.size <= this.#limit) return;
    this.#addresses.clear();
    this.#tags.add([this.#everything]);
  }

  addTags(tags: readonly string[]): void {
    this.#tags.add(tags);
    if (this.#tags.size <= this.#limit) return;
    this.#tags.clear();
    this.#tags.add([this.#everything]);
  }

  /** A marker that may stand although its writer is done. Those beyond the limit are left to run out by themselves. */
  addMarker(address: string, token: string): void {
    if (this.#markers.size < this.#limit) this.#markers.add([`${token} ${address}`]);
  }

  /**
   * Sends what is pending by now: who writes all the time would else never have it come to an end. Rejects as the crew
   * does; what was not sent stays pending, and so does what comes meanwhile.
   */
  async run(crew: RepairCrew): Promise<void> {
    await this.#tags.drain((batch) => crew.tags(batch));
    await this.#addresses.drain((batch) => crew.addresses(batch));
    await this.#markers.drain(async (batch) => {
      await Promise.all(batch.map((each) => crew.marker(...split(each))));
    });
  }
}

function split(marker: string): [address: string, token: string] {
  const space = marker.indexOf(' ');
  return [marker.slice(space + 1), marker.slice(0, space)];
}

class Pending {
  readonly #turns = new Map<string, number>();
  #turn = 0;

  get size(): number {
    return this.#turns.size;
  }

  has(name: string): boolean {
    return this.#turns.has(name);
  }

  add(names: readonly string[]): void {
    this.#turn += 1;
    for (const name of names) this.#turns.set(name, this.#turn);
  }

  clear(): void {
    this.#turns.clear();
  }

  async drain(send: (batch: readonly string[]) => Promise<void>): Promise<void> {
    const owed = [...this.#turns];
    while (owed.length > 0) {
      const batch = owed.splice(0, 500);
      await send(batch.map(([name]) => name));
      // 1: DEL k leaves · 2: k is evicted again, pending · 1: the reply. The second deletion is still owed.
      for (const [name, turn] of batch) if (this.#turns.get(name) === turn) this.#turns.delete(name);
    }
  }
}
