import {
  type Eviction,
  type Key,
  type Loader,
  type Peek,
  Resource,
  type Strategy,
  type StrategyContext,
} from '@cache/core';
import type { Keeping } from './keeping.ts';
import { type LateWrite, Overtaking } from './overtaking.ts';
import type { Policy } from './policy.ts';

type Parts = ReturnType<StrategyContext['parts']>;

/** The strategy of decorated methods: cache-aside, with a loader per call, because a method runs on an object, with arguments. */
export function methodStrategy(policy: Policy, keeping: Keeping): Strategy<MethodResource> {
  return {
    open(context) {
      const given = new GivenTags();
      const { dehydrate, revive } = keeping.revival;
      const type = keeping.revival.type?.instances;
      // What isolates the values of a whole class says nothing of instances, which are always fresh.
      const isolation = type === undefined && revive === undefined ? policy.isolation : undefined;
      const options = { ...policy, isolation, type, dehydrate, revive, tags: () => given.take() };
      return new MethodResource(context.parts(options, { load: undefined }), keeping, given);
    },
  };
}

/** What the methods of one name share. */
export class MethodResource extends Resource<Key, unknown> {
  readonly keeping: Keeping;
  readonly #given: GivenTags;
  readonly #overtaking = new Overtaking();
  #preparing: Promise<void> | undefined;

  constructor(parts: Parts, keeping: Keeping, given: GivenTags) {
    super(parts);
    this.keeping = keeping;
    this.#given = given;
    this.#preparing = keeping.revival.type?.ready().then(() => {
      this.#preparing = undefined;
    });
    // It is told to every call that needs it.
    this.#preparing?.catch(() => undefined);
  }

  /** The value of the key if memory has it, fresh. */
  hit(key: Key): Promise<unknown> | undefined {
    return this.#preparing === undefined ? this.engine.hit(key) : undefined;
  }

  /** The value of a key that was no hit, by `load` where no other tier has a fresh one. */
  miss(key: Key, load: Loader<Key, unknown>): Promise<unknown> {
    // Not awaited where there is nothing to await: the value could be filled in between, and would be loaded again.
    if (this.#preparing === undefined) return this.engine.miss(key, { load });
    return this.#preparing.then(() => this.hit(key) ?? this.miss(key, load));
  }

  /** Runs a change of the source between two evictions of the key; see `CacheAsideResource.mutate`. */
  mutate(key: Key, change: () => Promise<unknown>): Promise<unknown> {
    return this.engine.change(key, () => this.#telling(key, change));
  }

  /** The same, and then what `change` gave is cached, with these tags, unless another write or an evict overlapped. */
  async write(
    key: Key,
    change: () => Promise<unknown>,
    tagsOf: (value: unknown) => readonly string[],
  ): Promise<unknown> {
    await this.#preparing;
    return this.engine.change(
      key,
      () => this.#telling(key, change),
      (value) => this.#tagged(value, value === undefined ? [] : tagsOf(value)),
    );
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

  #tagged(value: unknown, tags: readonly string[]): unknown {
    // Core asks for no tags of null; without them no invalidation would find the entry.
    if (value === null && tags.length > 0) return undefined;
    this.#given.give(tags);
    return value;
  }
}

/** Hands the tags of one written value to the engine, which asks for them in the same turn. */
class GivenTags {
  #tags: readonly string[] = [];

  give(tags: readonly string[]): void {
    this.#tags = tags;
  }

  take(): readonly string[] {
    const tags = this.#tags;
    this.#tags = [];
    return tags;
  }
}
