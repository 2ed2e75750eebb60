import { BatchedLoad, loadOne } from './batched-load.ts';
import type { LoadContext, Source } from './source.ts';

/** One key's place in a batch. */
export interface Seat<K> {
  /** Loads the key: together with the rest of the batch if it is still seated, alone if it left. */
  load(context: LoadContext<K>): Promise<unknown>;
  /** The batch need not wait for this key any longer. Leaving twice does nothing. */
  leave(): void;
}

/** The place of a key that is in no batch. */
export class Alone<K> implements Seat<K> {
  readonly #source: Source<K>;

  constructor(source: Source<K>) {
    this.#source = source;
  }

  load(context: LoadContext<K>): Promise<unknown> {
    return loadOne(this.#source, context);
  }

  leave(): void {
    // There is no batch that waits.
  }
}

/** Gathers what the keys of one `getMany` still need, and loads it by one call once every key is decided. */
export class LoadBatch<K> {
  readonly #source: Source<K>;
  readonly #batch: BatchedLoad<K>;
  #undecided: number;

  constructor(source: Source<K>, seats: number) {
    this.#source = source;
    this.#batch = new BatchedLoad(source);
    this.#undecided = seats;
  }

  seat(): Seat<K> {
    let seated = true;
    const leave = (): void => {
      if (!seated) return;
      seated = false;
      this.#undecided -= 1;
      if (this.#undecided === 0 && this.#batch.size > 0) void this.#batch.run();
    };
    return {
      leave,
      load: (context) => {
        if (!seated || this.#source.loadMany === undefined) return loadOne(this.#source, context);
        const value = this.#batch.add(context);
        leave();
        return value;
      },
    };
  }
}
