import { types } from 'node:util';
import { CacheError } from '../model/errors.ts';
import type { LoadContext, ManyLoadContext, Source } from './source.ts';

interface Wanted<K> {
  readonly context: LoadContext<K>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** Several loads that are to become one `loadMany`. */
export class BatchedLoad<K> {
  readonly #source: Source<K>;
  readonly #wanted: Wanted<K>[] = [];

  constructor(source: Source<K>) {
    this.#source = source;
  }

  get size(): number {
    return this.#wanted.length;
  }

  /** The value of one more key, once `run` was called. */
  add(context: LoadContext<K>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#wanted.push({ context, resolve, reject });
    });
  }

  async run(): Promise<void> {
    try {
      const keys = this.#wanted.map(({ context }) => context.key);
      const values = await this.#source.loadMany!(keys, contextOf(this.#wanted.map(({ context }) => context)));
      const valueOf = reader(values, this.#wanted.length);
      this.#wanted.forEach((wanted, index) => wanted.resolve(valueOf(wanted.context.key, index)));
    } catch (error) {
      for (const wanted of this.#wanted) wanted.reject(error);
    }
  }
}

/** Loads a single key: by `load`, or by `loadMany` where that is all there is. */
export async function loadOne<K>(source: Source<K>, context: LoadContext<K>): Promise<unknown> {
  const { key } = context;
  if (source.load !== undefined) return source.load(key, context);
  return reader(await source.loadMany!([key], context), 1)(key, 0);
}

/** The context of them all. Its signal is made when it is looked at, and aborted with the last of theirs. */
function contextOf<K>(contexts: readonly LoadContext<K>[]): ManyLoadContext {
  let controller: AbortController | undefined;
  return {
    get signal() {
      if (controller !== undefined) return controller.signal;
      const made = (controller = new AbortController());
      let waited = contexts.length;
      for (const { signal } of contexts) {
        const abort = (): void => {
          waited -= 1;
          if (waited === 0) made.abort(signal.reason);
        };
        if (signal.aborted) abort();
        else signal.addEventListener('abort', abort, { once: true });
      }
      return made.signal;
    },
  };
}

function reader<K>(values: unknown, count: number): (key: K, index: number) => unknown {
  if (types.isMap(values)) {
    // A number and its text are one key, whichever of the two the source gives back.
    const byText = new Map([...values].map(([key, value]) => [String(key), value]));
    // `undefined`, "nothing is known", has to be said; what the source leaves out does not exist.
    return (key) => (byText.has(String(key)) ? byText.get(String(key)) : null);
  }
  if (Array.isArray(values) && values.length === count) return (_key, index) => values[index] as unknown;
  const found = Array.isArray(values) ? `an array of ${values.length} for ${count} keys` : typeof values;
  throw new CacheError(
    'INVALID_LOAD',
    `loadMany must give a Map by key, or an array with one item per key in their order (null where there is none), not ${found}`,
  );
}
