import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { CacheError, type DirtyItem, type Key } from '@cache/core';

/** A call of an `@Updates` method that a strategy carries out, at once or later. */
interface WriteCall {
  /** Of the value that is written. */
  readonly tags: readonly string[];
  /** Runs the method; it sees the async context of its caller, whenever that is. */
  readonly run: () => Promise<unknown>;
  /** What the method gave, once it has run; the value until then. */
  result: unknown;
  /** Whether the strategy has accepted the write. */
  accepted: boolean;
}

/** Finds the call that a strategy's `save` and `saveMany` are about, of which they know key and value alone. */
export class WriteCalls {
  readonly #resource: string;
  /** What `save` is about: the call in whose async context it is. */
  readonly #current = new AsyncLocalStorage<WriteCall | undefined>();
  /** The write that the method which runs carries out; `key` is `undefined` once it is done. */
  readonly #carriedOut = new AsyncLocalStorage<{ key: string | undefined }>();
  /** What `saveMany` is about: by key the calls that may be unwritten, the newest last. */
  readonly #unwritten = new Map<string, WriteCall[]>();
  #isBehind = false;

  constructor(resource: string) {
    this.#resource = resource;
  }

  /** The tags of the value that is being written; `undefined` where none is. */
  get tags(): readonly string[] | undefined {
    return this.#writing?.tags;
  }

  /** Has a strategy write by `set`; gives what `change`, the method, gave, or the value where that has not run yet. */
  async write(
    key: Key,
    value: unknown,
    set: () => Promise<unknown>,
    change: () => Promise<unknown>,
    tags: readonly string[],
  ): Promise<unknown> {
    const text = String(key);
    // An override that calls `super` for its own key: a write of that key within its write would come after later ones.
    if (this.#carriedOut.getStore()?.key === text) return change();
    // What the method reads and writes of other keys is not part of this write.
    const run = AsyncResource.bind(() => this.#current.run(undefined, () => this.#carryOut(text, change)));
    const call: WriteCall = { tags, run, result: value, accepted: false };
    if (this.#isBehind) this.#unwritten.set(text, [...(this.#unwritten.get(text) ?? []), call]);
    try {
      await this.#current.run(call, set);
    } catch (error) {
      this.#forget(text, (each) => each === call);
      throw error;
    }
    call.accepted = true;
    return call.result;
  }

  /** Runs the method of the call that is being written. */
  readonly save = async (): Promise<unknown> => {
    const call = this.#writing ?? this.#unknown('a write');
    return (call.result = await call.run());
  };

  /** Runs for each item the method of the newest call there is. Calls are kept for it from when it is asked for. */
  get saveMany(): (items: readonly DirtyItem<unknown>[]) => Promise<unknown> {
    this.#isBehind = true;
    return async (items) => {
      const calls = items.map(({ key }) => this.#unwritten.get(key)?.at(-1) ?? this.#unknown(`the write of '${key}'`));
      // All have to have come to an end before any is tried again.
      const runs = await Promise.allSettled(calls.map(({ run }) => run()));
      for (const run of runs) if (run.status === 'rejected') throw run.reason;
      items.forEach(({ key }, index) => {
        const age = this.#unwritten.get(key)?.indexOf(calls[index]!) ?? -1;
        // One that is not accepted yet may have run for an item of an older call: it runs again for its own.
        this.#forget(key, (call, place) => place <= age && call.accepted);
      });
    };
  }

  #carryOut(key: string, change: () => Promise<unknown>): Promise<unknown> {
    const carried: { key: string | undefined } = { key };
    return this.#carriedOut.run(carried, async () => {
      try {
        return await change();
      } finally {
        carried.key = undefined;
      }
    });
  }

  get #writing(): WriteCall | undefined {
    const call = this.#current.getStore();
    // What begins in this context and goes on after the write is not part of it, such as the timer of a flush.
    return call?.accepted === false ? call : undefined;
  }

  #forget(key: string, isOver: (call: WriteCall, place: number) => boolean): void {
    const left = this.#unwritten.get(key)?.filter((call, place) => !isOver(call, place)) ?? [];
    if (left.length === 0) this.#unwritten.delete(key);
    else this.#unwritten.set(key, left);
  }

  #unknown(what: string): never {
    const sentence = `resource '${this.#resource}': ${what} is of no call of this process; give the strategy a function of your own, such as saveMany: (items) => db.views.saveMany(items)`;
    throw new CacheError('INVALID_OPTION', sentence, { resource: this.#resource });
  }
}
