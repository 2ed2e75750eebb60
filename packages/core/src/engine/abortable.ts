/**
 * Settles as `work` does, or rejects with the signal's reason as soon as that is aborted. The work goes on: others may
 * be waiting for it.
 */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(reasonOf(signal));
    // The work may have had it aborted in its very first turn.
    if (signal.aborted) abort();
    const waits = waitsFor(signal);
    waits.add(abort);
    void work.then(resolve, reject).finally(() => waits.delete(abort));
  });
}

/** @throws the signal's reason, if it is aborted. Polyfills have no `throwIfAborted`, and some no reason. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw reasonOf(signal);
}

function reasonOf(signal: AbortSignal): unknown {
  return (signal.reason as unknown) ?? new DOMException('This operation was aborted', 'AbortError');
}

/** All waits that one signal may end share one listener: Node warns of a signal that has more than ten. */
class Waits {
  readonly #signal: AbortSignal;
  readonly #aborts = new Set<() => void>();
  readonly #abortAll = (): void => {
    for (const abort of this.#aborts) abort();
  };

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(abort: () => void): void {
    if (this.#aborts.size === 0) this.#signal.addEventListener('abort', this.#abortAll);
    this.#aborts.add(abort);
  }

  /** Without a wait there is no listener: a signal that lives for long holds on to nothing. */
  delete(abort: () => void): void {
    this.#aborts.delete(abort);
    if (this.#aborts.size === 0) this.#signal.removeEventListener('abort', this.#abortAll);
  }
}

const waitsBySignal = new WeakMap<AbortSignal, Waits>();

function waitsFor(signal: AbortSignal): Waits {
  const waits = waitsBySignal.get(signal) ?? new Waits(signal);
  waitsBySignal.set(signal, waits);
  return waits;
}
