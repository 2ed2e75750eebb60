import type { LoadContext, ManyLoadContext, Source } from './source.ts';

/**
 * A source of which at most `max` loads run at once, so that a slow one cannot take all of a process's connections
 * (the bulkhead pattern). The others wait in line; who is not waited for any longer leaves it.
 */
export function bulkhead<K>(source: Source<K>, max: number): Source<K> {
  const { load, loadMany } = source;
  const slots = new Slots(max);
  return {
    load: load && ((key: K, context: LoadContext<K>) => slots.run(() => load(key, context), context)),
    loadMany:
      loadMany && ((keys: readonly K[], context: ManyLoadContext) => slots.run(() => loadMany(keys, context), context)),
  };
}

class Slots {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(free: number) {
    this.#free = free;
  }

  async run<T>(work: () => Promise<T> | T, context: { readonly signal: AbortSignal }): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await this.#turn(context.signal);
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  /** Resolves with a slot that another one hands on. */
  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const leave = (): void => {
        this.#waiting.delete(enter);
        reject(signal.reason as Error);
      };
      const enter = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.add(enter);
    });
  }

  #next(): void {
    for (const enter of this.#waiting) {
      this.#waiting.delete(enter);
      enter();
      return;
    }
    this.#free += 1;
  }
}
