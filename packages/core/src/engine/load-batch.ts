import { types } from 'node:util';
import { CacheError } from '../model/errors.ts';
import type { LoadContext, Source } from './source.ts';

interface Wanted<K> {
  readonly key: K;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** One key's place in a batch. */
export interface Seat<K> {
  /** Loads the key: together with the rest of the batch if it is still seated, alone if it left. */
  load(context: LoadContext<K>): Promise<unknown>;
  /** The batch need not wait for this key any longer. Leaving twice does nothing. */
  leave(): void;
}

/** Gathers what the keys of one `getMany` still need, and loads it by one call once every key is decided. */
export class LoadBatch<K> {
  readonly #source: Source<K>;
  readonly #wanted: Wanted<K>[] = [];
  #undecided: number;

  constructor(source: Source<K>, seats: number) {
    this.#source = source;
    this.#undecided = seats;
  }

  seat(): Seat<K> {
    let seated = true;
    const leave = (): void => {
      if (!seated) return;
      seated = false;
      this.#decided();
    };
    return {
      leave,
      load: (context) => {
        if (!seated || this.#source.loadMany === undefined) return loadOne(this.#source, context);
        return new Promise((resolve, reject) => {
          this.#wanted.push({ key: context.key, resolve, reject });
          leave();
        });
      },
    };
  }

  #decided(): void {
    this.#undecided -= 1;
    if (this.#undecided === 0 && this.#wanted.length > 0) void this.#run();
  }

  async #run(): Promise<void> {
    try {
      const values = await this.#source.loadMany!(this.#wanted.map((wanted) => wanted.key));
      const valueOf = reader(values, this.#wanted.length);
      this.#wanted.forEach((wanted, index) => wanted.resolve(valueOf(wanted.key, index)));
    } catch (error) {
      for (const wanted of this.#wanted) wanted.reject(error);
    }
  }
}

/** Loads a single key: by `load`, or by `loadMany` where that is all there is. */
export async function loadOne<K>(source: Source<K>, context: LoadContext<K>): Promise<unknown> {
  const { key } = context;
  if (source.load !== undefined) return source.load(key, context);
  return reader(await source.loadMany!([key]), 1)(key, 0);
}

function reader<K>(values: unknown, count: number): (key: K, index: number) => unknown {
  if (types.isMap(values)) {
    // A number and its text are one key, whichever of the two the source gives back.
    const byText = new Map([...values].map(([key, value]) => [String(key), value]));
    return (key) => byText.get(String(key));
  }
  if (Array.isArray(values) && values.length === count) return (_key, index) => values[index] as unknown;
  const found = Array.isArray(values) ? `an array of ${values.length} for ${count} keys` : typeof values;
  throw new CacheError(
    'INVALID_LOAD',
    `loadMany must give a Map by key, or an array with one item per key in their order (null where there is none), not ${found}`,
  );
}
