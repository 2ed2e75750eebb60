import { Budget, withDeadline } from '../layers/deadline.ts';
import { Guard } from '../layers/guard.ts';
import { Repairs } from '../layers/repairs.ts';
import { type Clock, delay } from '../model/clock.ts';
import type { TagClock } from '../model/entry.ts';
import { CacheError } from '../model/errors.ts';
import type { Events } from '../model/events.ts';
import type { Serializer } from '../model/serializer.ts';
import type { Eviction, SharedRead, SharedSpace, SharedStore } from '../model/store.ts';
import { namespaceTag, type TagClocks } from './tag-clocks.ts';
import { TurnBatch } from './turn-batch.ts';
import type { Trust } from './trust.ts';

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
  /** Of what memory keeps of this tier. */
  readonly trust: Trust;
  /** Who tells other processes what changes here. */
  readonly announcer: Announcer | undefined;
}

/** How a shared tier is. */
export interface SharedTierHealth {
  readonly store: string;
  /** Whether calls are let through: false while the breaker is not closed. */
  readonly up: boolean;
  /** `open` after failures in a row, `half-open` while a probe is under way; callers never wait for either. */
  readonly breaker: 'closed' | 'open' | 'half-open';
  /** The last failure since the cache was made, and when it was, in milliseconds since the epoch. */
  readonly lastError: { readonly error: unknown; readonly at: number } | undefined;
  /** Deletions that the store has yet to be told of. */
  readonly pendingRepairs: number;
}

/** One address that is looked up, and what the call that wants it may spend. */
interface Look {
  readonly address: string;
  readonly budget: Budget;
}

type Frames = SharedRead['frames'];

/** Tells other processes of changes that the store has heard of. */
export interface Announcer {
  announce(addresses: readonly string[]): void;
  announceTags(tags: readonly string[], clock: TagClock): void;
}

/**
 * A shared store as a cache sees it: entries instead of frames, guarded, and with a memory of the deletions that it
 * could not be told. A dead store makes a cache slower, not wrong.
 */
export class SharedTier {
  readonly options: SharedTierOptions;
  closed = false;
  /** Stops each of the heartbeats that are under way. */
  readonly heartbeats = new Set<() => void>();
  readonly #guard: Guard;
  readonly #repairs = new Repairs(mostRepairs, namespaceTag);
  /** The lookups of all resources; what others have invalidated is known by the time that they are answered. */
  readonly reads = new TurnBatch<Look, Frames>(async (looks) => {
    const budget = earliest(looks, this.options.clock.elapsed()) ?? this.budget();
    const reply = await this.run((space) => space.read(looks.map(({ address }) => address)), budget);
    if (!this.options.tags.isCurrent(reply.clock)) await this.catchUp(reply, budget);
    return reply.frames;
  });
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

  health(): SharedTierHealth {
    const { breaker, lastError, down } = this.#guard;
    return { store: this.options.store.name, up: !down, breaker, lastError, pendingRepairs: this.#repairs.pending };
  }

  /** Others may have in memory what these addresses held. */
  changed(addresses: readonly string[]): void {
    this.options.announcer?.announce(addresses);
  }

  get hasSuspects(): boolean {
    return this.#repairs.pending > 0;
  }

  isSuspect(key: string): boolean {
    return this.#repairs.isSuspect(key);
  }

  /** Notes a deletion that is still to be made, and sees to it that it will be. */
  owe(keys: readonly string[]): 'pending' {
    this.#repairs.addAddresses(keys);
    this.changed(keys);
    return this.#tellPending();
  }

  /** The same for a key whose writer is done: its marker may stand, and would keep the key empty until it runs out. */
  oweCommit(key: string, token: string): 'pending' {
    this.#repairs.addMarker(key, token);
    return this.owe([key]);
  }

  /** Invalidates tags for all processes. Until the store has heard of it, nothing with these tags is valid here. */
  async invalidate(tags: readonly string[]): Promise<Eviction> {
    const clocks = this.options.tags;
    const blocked = clocks.block(tags);
    try {
      const told = this.run((space) => space.invalidate(blocked));
      // What this process writes next must not count as older than this, nor than what others have invalidated.
      const learned = this.run((space) => space.tags(clocks.known)).then((record) => clocks.learn(record));
      learned.catch(() => undefined);
      this.#invalidated(blocked, await told);
      await learned.catch(() => undefined);
      return 'done';
    } catch {
      // Another invalidation of the same tag may have succeeded meanwhile: this one is later.
      this.#repairs.addTags(this.options.tags.block(blocked));
      return this.#tellPending();
    }
  }

  /** Learns what the record of tags has by now. */
  async sync(): Promise<void> {
    await this.reads.ride();
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
        const final =
          error instanceof CacheError && error.code !== 'STORE_TIMEOUT' && error.code !== 'STORE_UNAVAILABLE';
        if (final || end - clock.elapsed() <= betweenAsks) throw error;
        await delay(clock, betweenAsks);
      }
    }
  }

  async close(): Promise<void> {
    const { clock, store, space, events } = this.options;
    this.closed = true;
    this.#guard.close();
    for (const stop of this.heartbeats) stop();
    try {
      await withDeadline(clock, store.deadline, store.name, space.close());
    } catch (error) {
      events.emit('storeError', { store: store.name, error });
    }
  }

  async #repair(): Promise<void> {
    const { clock, store, space } = this.options;
    const within = <T>(work: Promise<T>): Promise<T> => withDeadline(clock, store.deadline, store.name, work);
    await this.#repairs.run({
      tags: async (batch) => this.#invalidated(batch, await within(space.invalidate(batch))),
      addresses: async (batch) => {
        if ((await within(space.evict(batch))) === 'done') return this.changed(batch);
        throw new CacheError('STORE_UNAVAILABLE', `${store.name} could not delete yet`, { store: store.name });
      },
      marker: async (address, token) => {
        await within(space.commit(address, token));
        this.changed([address]);
      },
    });
  }

  #invalidated(tags: readonly string[], clock: TagClock): void {
    this.options.tags.invalidatedAt(tags, clock);
    this.options.announcer?.announceTags(tags, clock);
  }

  #tellPending(): 'pending' {
    this.options.events.emit('evictionPending', { store: this.options.store.name, pending: this.#repairs.pending });
    this.#guard.recoverSoon();
    return 'pending';
  }
}

/** Lookups that leave as one, now, share one deadline. */
function earliest(looks: readonly Look[], now: number): Budget | undefined {
  let first: Budget | undefined;
  for (const { budget } of looks) if (first === undefined || budget.endBy(now) < first.endBy(now)) first = budget;
  return first;
}
