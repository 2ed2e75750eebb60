import type { Budget } from '../layers/deadline.ts';
import type { SharedRead } from '../model/store.ts';

interface Waiting {
  readonly addresses: readonly string[];
  readonly budget: Budget;
  resolve(reply: SharedRead): void;
  reject(error: unknown): void;
}

/** Gathers the lookups of one turn: they leave as one, and share one deadline, the earliest of theirs. */
export class ReadBatch {
  readonly #read: (addresses: readonly string[], budget: Budget) => Promise<SharedRead>;
  #waiting: Waiting[] = [];

  constructor(read: (addresses: readonly string[], budget: Budget) => Promise<SharedRead>) {
    this.#read = read;
  }

  /** What the store has of the addresses; without any, its tag clock alone. Rejects as the one lookup does. */
  read(addresses: readonly string[], budget: Budget): Promise<SharedRead> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ addresses, budget, resolve, reject });
      // A tick, not a microtask: callers that go on in the same turn come along.
      if (this.#waiting.length === 1) process.nextTick(() => void this.#leave());
    });
  }

  async #leave(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    // By address its place in what is asked: who asks for the same shares it.
    const places = new Map<string, number>();
    for (const { addresses } of waiting) {
      for (const address of addresses) if (!places.has(address)) places.set(address, places.size);
    }
    const earliest = waiting.reduce(
      (least, each) => (each.budget.left < least.left ? each.budget : least),
      waiting[0]!.budget,
    );
    try {
      const { frames, clock } = await this.#read([...places.keys()], earliest);
      for (const each of waiting) {
        each.resolve({ frames: each.addresses.map((address) => frames[places.get(address)!]), clock });
      }
    } catch (error) {
      for (const each of waiting) each.reject(error);
    }
  }
}
