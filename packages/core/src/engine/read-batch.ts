import type { Budget } from '../layers/deadline.ts';
import type { SharedRead } from '../model/store.ts';

/** What the store has of the addresses that were asked for, in their order; `undefined` where it could not be asked. */
export type Frames = readonly (Uint8Array | undefined)[] | undefined;

interface Waiting {
  readonly addresses: readonly string[];
  readonly budget: Budget;
  /** Called with what came, or with why nothing did. */
  settle(frames: Frames, error?: unknown): void;
}

/** Gathers the lookups of one turn: they leave as one, and share one deadline, the earliest of theirs. */
export class ReadBatch {
  readonly #read: (addresses: readonly string[], budget: Budget) => Promise<SharedRead>;
  #waiting: Waiting[] = [];

  constructor(read: (addresses: readonly string[], budget: Budget) => Promise<SharedRead>) {
    this.#read = read;
  }

  /** What `take` makes of what the store has of the addresses; it throws nothing. */
  read<T>(addresses: readonly string[], budget: Budget, take: (frames: Frames) => T): Promise<T> {
    return new Promise((resolve) => {
      this.#join({ addresses, budget, settle: (frames) => resolve(take(frames)) });
    });
  }

  /** Has the tag clock read, along with the lookups of this turn. Rejects as the one lookup does. */
  sync(budget: Budget): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle: Waiting['settle'] = (frames, error) => (frames === undefined ? reject(error) : resolve());
      this.#join({ addresses: [], budget, settle });
    });
  }

  #join(one: Waiting): void {
    this.#waiting.push(one);
    // A tick, not a microtask: callers that go on in the same turn come along.
    if (this.#waiting.length === 1) process.nextTick(() => void this.#leave());
  }

  async #leave(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    // By address its place in what is asked: who asks for the same shares it.
    const places = new Map<string, number>();
    let { budget } = waiting[0]!;
    for (const each of waiting) {
      for (const address of each.addresses) if (!places.has(address)) places.set(address, places.size);
      if (each.budget.left < budget.left) ({ budget } = each);
    }
    try {
      const { frames } = await this.#read([...places.keys()], budget);
      for (const each of waiting) each.settle(each.addresses.map((address) => frames[places.get(address)!]));
    } catch (error) {
      for (const each of waiting) each.settle(undefined, error);
    }
  }
}
