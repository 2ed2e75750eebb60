import { Budget, withDeadline } from '../layers/deadline.ts';
import { Guard } from '../layers/guard.ts';
import { Repairs } from '../layers/repairs.ts';
import { type Clock, delay } from '../model/clock.ts';
import { CacheError } from '../model/errors.ts';
import type { Events } from '../model/events.ts';
import type { Serializer } from '../model/serializer.ts';
import type { Eviction, SharedRead, SharedSpace, SharedStore } from '../model/store.ts';
import { ReadBatch } from './read-batch.ts';
import { namespaceTag, type TagClocks } from './tag-clocks.ts';

const mostRepairs = 10_000;
const betweenAsks = 50;

export interface SharedTierOptions {
  readonly store: SharedStore;
  readonly space: SharedSpace;
  readonly clock: Clock;
  readonly events: Events;
  readonly serializer: Serializer;
  /** The shape version that entries must have. */
  readonly version: number;
  readonly tags: TagClocks;
  readonly localTrust: number;
}

/**
 * A shared store as a cache sees it: entries instead of frames, guarded, and with a memory of the deletions that it
 * could not be told. A dead store makes a cache slower, not wrong.
 */
export class SharedTier {
  readonly options: SharedTierOptions;
  closed = false;
  readonly #guard: Guard;
  readonly #repairs = new Repairs(mostRepairs, namespaceTag);
  /** The lookups of all resources. */
  readonly reads = new ReadBatch((addresses, budget) => this.run((space) => space.read(addresses), budget));
  #syncing: Promise<void> | undefined;

  constructor(options: SharedTierOptions) {
    const { store, clock, events, space } = options;
    this.options = options;
    const repair = (): Promise<void> => this.#repair();
    this.#guard = new Guard({ store: store.name, clock, events, space, deadline: store.deadline, repair });
  }

  budget(): Budget {
    return new Budget(this.options.clock, this.options.store.deadline);
  }

  /** Runs one operation of the store under deadline and breaker; rejects as they do. */
  run<T>(work: (space: SharedSpace) => Promise<T>, budget = this.budget()): Promise<T> {
    return this.#guard.run(budget, () => work(this.options.space));
  }

  isSuspect(key: string): boolean {
    return this.#repairs.isSuspect(key);
  }

  /** Notes a deletion that is still to be made, and sees to it that it will be. */
  owe(keys: readonly string[]): Eviction {
    this.#repairs.addAddresses(keys);
    return this.#tellPending();
  }

  /** The same for a key whose writer is done: its marker may stand, and would keep the key empty until it runs out. */
  oweCommit(key: string, token: string): 'pending' {
    this.#repairs.addMarker(key, token);
    this.owe([key]);
    return 'pending';
  }

  /** Invalidates tags for all processes. Until the store has heard of it, nothing with these tags is valid here. */
  async invalidate(tags: readonly string[]): Promise<Eviction> {
    const blocked = this.options.tags.block(tags);
    try {
      this.options.tags.invalidatedAt(blocked, await this.run((space) => space.invalidate(blocked)));
      return 'done';
    } catch {
      // Another invalidation of the same tag may have succeeded meanwhile: this one is later.
      this.#repairs.addTags(this.options.tags.block(blocked));
      return this.#tellPending();
    }
  }

  /** Learns what other processes have invalidated, before anything of a reply is judged. */
  async catchUp(reply: SharedRead, budget: Budget): Promise<void> {
    // 1: A asks for what is new · 2: another process invalidates · 3: B reads · 4: A's answer, which lacks it, comes.
    for (let rounds = 0; rounds < 2 && !this.options.tags.isCurrent(reply.clock); rounds += 1) {
      this.#syncing ??= this.run((space) => space.tags(this.options.tags.known), budget)
        .then((record) => this.options.tags.learn(record))
        .finally(() => {
          this.#syncing = undefined;
        });
      await this.#syncing;
    }
  }

  /** Resolves once the store answers; asks again and again for `ms` milliseconds, then rejects as the last time. */
  async ready(ms: number): Promise<void> {
    const { clock, store, space } = this.options;
    const end = clock.elapsed() + ms;
    for (;;) {
      try {
        return await withDeadline(clock, end - clock.elapsed(), store.name, space.ping());
      } catch (error) {
        // A package that is missing or a user who is refused will not be there a moment later.
        const final = error instanceof CacheError && error.code !== 'STORE_TIMEOUT';
        if (final || end - clock.elapsed() <= betweenAsks) throw error;
        await delay(clock, betweenAsks);
      }
    }
  }

  async close(): Promise<void> {
    const { clock, store, space, events } = this.options;
    this.closed = true;
    this.#guard.close();
    try {
      await withDeadline(clock, store.deadline, store.name, space.close());
    } catch (error) {
      events.emit('storeError', { store: store.name, error });
    }
  }

  async #repair(): Promise<void> {
    const { clock, store, tags, space } = this.options;
    const within = <T>(work: Promise<T>): Promise<T> => withDeadline(clock, store.deadline, store.name, work);
    await this.#repairs.run({
      tags: async (batch) => tags.invalidatedAt(batch, await within(space.invalidate(batch))),
      addresses: async (batch) => {
        if ((await within(space.evict(batch))) === 'done') return;
        throw new CacheError('STORE_UNAVAILABLE', `${store.name} could not delete yet`, { store: store.name });
      },
      marker: async (address, token) => void (await within(space.commit(address, token))),
    });
  }

  #tellPending(): Eviction {
    this.options.events.emit('evictionPending', { store: this.options.store.name, pending: this.#repairs.pending });
    this.#guard.recoverSoon();
    return 'pending';
  }
}
