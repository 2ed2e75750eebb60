import type { Key } from '@cache/core';

const mostKeys = 1_000;

/** A write whose key is not known before its method has run. */
export class LateWrite {
  readonly #changed = new Set<string>();
  #any = false;

  /** Whether something else has changed the key, or may have, since this write began. */
  overtakenAt(key: Key): boolean {
    return this.#any || this.#changed.has(String(key));
  }

  /** Without a key, any may have been changed. */
  changed(key: Key | undefined): void {
    this.#any ||= key === undefined || this.#changed.size === mostKeys;
    if (key !== undefined && !this.#any) this.#changed.add(String(key));
  }
}

/**
 * Watches writes of this process that learn their key late, and so can hold no write marker while their method runs:
 *
 *   A's method saves v1 · B's method saves v2 · B caches v2 · A would cache v1
 *
 * A learns here that its key was changed while it ran, and evicts instead.
 */
export class Overtaking {
  readonly #running = new Set<LateWrite>();

  async during<R>(work: (write: LateWrite) => Promise<R>): Promise<R> {
    const write = new LateWrite();
    this.#running.add(write);
    try {
      return await work(write);
    } finally {
      this.#running.delete(write);
    }
  }

  /** Tells all writes that are running of a change; without a key, of one of any key. */
  changed(key?: Key): void {
    for (const write of this.#running) write.changed(key);
  }
}
