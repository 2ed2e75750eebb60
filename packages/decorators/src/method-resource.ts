import {
  type Eviction,
  type Key,
  type Loader,
  type Peek,
  Resource,
  type Source,
  type StrategyContext,
} from '@cache/core';
import type { GivenTags } from './given-tags.ts';
import type { Keeping } from './keeping.ts';
import { type LateWrite, Overtaking } from './overtaking.ts';
import { type ScopeOption, scopedKey } from './scope.ts';
import type { WriteCalls } from './write-calls.ts';

export type ResourceParts = ReturnType<StrategyContext['parts']>;

/** What a strategy has made of the methods of one name. */
export interface MethodSettings {
  readonly keeping: Keeping;
  readonly scope: ScopeOption | undefined;
  readonly given: GivenTags;
  readonly calls: WriteCalls;
  /** The source that loads by `load`, through whatever the strategy has put around it. */
  sourceBy(load: Loader<Key, unknown>): Source<Key>;
  /** The strategy's own way of writing, where it has one. */
  readonly set: ((key: Key, value: unknown) => Promise<unknown>) | undefined;
  /** Brings to the source what the strategy has put off. */
  readonly flush: (() => Promise<unknown>) | undefined;
}

/** What the methods of one name share. */
export class MethodResource extends Resource<Key, unknown> {
  readonly keeping: Keeping;
  readonly #settings: MethodSettings;
  readonly #scope: ScopeOption | undefined;
  readonly #overtaking = new Overtaking();
  #preparing: Promise<void> | undefined;

  constructor(parts: ResourceParts, settings: MethodSettings) {
    super(parts);
    this.keeping = settings.keeping;
    this.#settings = settings;
    this.#scope = settings.scope;
    this.#preparing = settings.keeping.revival.type?.ready().then(() => {
      this.#preparing = undefined;
    });
    // It is told to every call that needs it.
    this.#preparing?.catch(() => undefined);
  }

  /** The key as it is for this call: within its scope. */
  keyFor(key: Key): Key {
    return this.#scope === undefined ? key : scopedKey(this.#scope, key);
  }

  /** The value of the key if memory has it, fresh. */
  hit(key: Key): Promise<unknown> | undefined {
    return this.#preparing === undefined ? this.engine.hit(key) : undefined;
  }

  /** The value of a key that was no hit, by `load` where no other tier has a fresh one. */
  miss(key: Key, load: Loader<Key, unknown>): Promise<unknown> {
    // Not awaited where there is nothing to await: the value could be filled in between, and would be loaded again.
    if (this.#preparing === undefined) return this.engine.miss(key, this.#settings.sourceBy(load));
    return this.#preparing.then(() => this.hit(key) ?? this.miss(key, load));
  }

  /** Loads the value anew by `load`; see `Resource.refresh`. */
  async reload(key: Key, load: Loader<Key, unknown>): Promise<unknown> {
    await this.#preparing;
    const { policy } = this.engine;
    return this.engine.ask(key, { source: this.#settings.sourceBy(load), policy, fresh: true, signal: undefined });
  }

  /** Runs a change of the source between two evictions of the key; see `CacheAsideResource.mutate`. */
  mutate(key: Key, change: () => Promise<unknown>): Promise<unknown> {
    return this.engine.change(key, () => this.#telling(key, change));
  }

  /** The same, and then what `valueOf` gives is cached, with these tags, unless another write or an evict overlapped. */
  async write(
    key: Key,
    change: () => Promise<unknown>,
    valueOf: (result: unknown) => unknown,
    tagsOf: (value: unknown) => readonly string[],
  ): Promise<unknown> {
    await this.#preparing;
    return this.engine.change(
      key,
      () => this.#telling(key, change),
      (result) => this.#tagged(valueOf(result), tagsOf),
    );
  }

  /** Whether its strategy writes in a way of its own: then `put` is to be used, and `write` is not. */
  get writesItself(): boolean {
    return this.#settings.set !== undefined;
  }

  /** Has the strategy write the value, by `change` when it sees fit. */
  async put(key: Key, value: unknown, change: () => Promise<unknown>, tags: readonly string[]): Promise<unknown> {
    await this.#preparing;
    // A call that is refused must not be taken for one whose write is under way.
    this.engine.check(key);
    const { calls, set } = this.#settings;
    try {
      return await calls.write(key, value, () => set!(key, value), change, tags);
    } finally {
      this.#overtaking.changed(key);
      if (value === null && tags.length > 0) await super.evict(key);
    }
  }

  /** Resolves once the source has all that was written before. */
  async settle(): Promise<void> {
    await this.#settings.flush?.();
  }

  /** Runs a change of a source whose key is not known yet. */
  writeLate<R>(change: (write: LateWrite) => Promise<R>): Promise<R> {
    return this.#overtaking.during(change);
  }

  override async peek(key: Key): Promise<Peek<unknown>> {
    await this.#preparing;
    return super.peek(key);
  }

  override evict(key: Key): Promise<Eviction> {
    this.#overtaking.changed(key);
    return super.evict(key);
  }

  override clear(): Promise<Eviction> {
    this.changedElsewhere();
    return super.clear();
  }

  /** Tells writes in progress that any key may have been changed. */
  changedElsewhere(): void {
    this.#overtaking.changed();
  }

  async #telling(key: Key, change: () => Promise<unknown>): Promise<unknown> {
    try {
      return await change();
    } finally {
      // Before the engine ends the turn of this writer: whoever comes between the two would not notice either.
      this.#overtaking.changed(key);
    }
  }

  #tagged(value: unknown, tagsOf: (value: unknown) => readonly string[]): unknown {
    const tags = value === undefined ? [] : tagsOf(value);
    // Core asks for no tags of null; without them no invalidation would find the entry.
    if (value === null && tags.length > 0) return undefined;
    this.#settings.given.give(tags);
    return value;
  }
}
