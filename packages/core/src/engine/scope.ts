import type { Clock, Timer } from '../model/clock.ts';
import type { Entry } from '../model/entry.ts';
import { CacheError } from '../model/errors.ts';
import type { Events } from '../model/events.ts';
import { checkKey, type Key } from '../model/key.ts';
import { Counters } from './counters.ts';
import { Failures } from './failures.ts';
import type { FarTier } from './far-tier.ts';
import { type Flight, Flights } from './flights.ts';
import type { Kept } from './isolation.ts';
import { Keeper, type Origin } from './keeper.ts';
import type { NearTier, Truth } from './near-tier.ts';
import type { Policy } from './policy.ts';
import type { TagClocks } from './tag-clocks.ts';
import { Writers } from './writers.ts';
import { YoungMap } from './young-map.ts';

/** Memory and what lies behind it, as one resource sees them. */
export interface Tiers {
  readonly near: NearTier;
  readonly far: FarTier | undefined;
}

/** Who has the lease of a key. */
export interface Holder {
  /** Gives it back; what it brings will be kept nowhere. */
  yield(): Promise<unknown>;
}

/** A load or a change whose end is waited for. */
export interface Pending {
  /** Has it answer with this error, now, if it can be ended at all. */
  end(error: CacheError): void;
}

export interface ScopeOptions {
  /** The resource's name, as events and errors give it. */
  readonly resource: string;
  readonly policy: Policy;
  readonly tiers: Tiers;
  readonly tags: TagClocks;
  readonly clock: Clock;
  readonly events: Events;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/**
 * What reading, loading and changing one resource have in common: its tiers, who is at work on which key, and the rule
 * of what may enter memory: nothing that was asked for before the key was last changed (docs/consistency.md).
 */
export class Scope<K extends Key> {
  readonly options: ScopeOptions;
  /** The tiers that reads use: none while the cache is disabled. Changes always reach all of them. */
  reads: Tiers;
  readonly readings: Flights<Kept>;
  /** Readings for which nobody waits, nor is to wait: they replace what is being served. */
  readonly renewals: Flights<Kept>;
  readonly loads: Flights<Kept>;
  /** By key the load of this process that has the lease. */
  readonly holders = new YoungMap<string, Holder>();
  readonly writers = new Writers();
  readonly failures: Failures;
  readonly counters = new Counters();
  readonly keeper: Keeper<K>;
  readonly #timers = new Set<Timer>();
  readonly #pending = new Set<Pending>();
  #settled = (): void => undefined;
  #closed = false;

  constructor(options: ScopeOptions) {
    const { resource, policy, tiers, clock, events, random } = options;
    this.options = options;
    this.reads = tiers;
    this.readings = new Flights(clock);
    this.renewals = new Flights(clock);
    this.loads = new Flights(clock);
    this.failures = new Failures(clock);
    this.keeper = new Keeper<K>({ resource, policy, farName: tiers.far?.name ?? 'memory', clock, events, random });
  }

  get resource(): string {
    return this.options.resource;
  }

  /** Whether reads use the tiers. */
  get enabled(): boolean {
    return this.reads === this.options.tiers;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /**
   * From now on every call that memory does not answer rejects. Loads and changes under way have `ms` milliseconds; the
   * loads that are left then reject as well.
   */
  async close(ms: number): Promise<void> {
    this.#closed = true;
    const { clock } = this.options;
    if (this.#pending.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = clock.setTimer(ms, resolve);
        this.#settled = () => {
          timer.cancel();
          resolve();
        };
      });
    }
    for (const load of this.#pending) load.end(closedError(this.resource));
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.failures.forgetAll();
  }

  /** The load or the change is one that a closing cache waits for, until it has answered. */
  awaits(load: Pending, answer: Promise<unknown>): void {
    const settle = (): void => {
      this.#pending.delete(load);
      if (this.#pending.size === 0) this.#settled();
    };
    this.#pending.add(load);
    answer.then(settle, settle);
  }

  /** Calls `run` in `ms` milliseconds, unless the returned function is called, or the cache closed, before. */
  after(ms: number, run: () => void): () => void {
    if (ms === Infinity) return () => undefined;
    const timer = this.options.clock.setTimer(ms, () => {
      this.#timers.delete(timer);
      run();
    });
    this.#timers.add(timer);
    return () => {
      if (this.#timers.delete(timer)) timer.cancel();
    };
  }

  /** @throws CacheError `CLOSED` or `INVALID_KEY`. */
  check(key: K): void {
    if (this.#closed) throw closedError(this.resource);
    checkKey(key, this.resource);
  }

  /** What is noted when something is asked for, before it is. */
  origin(): Origin {
    const { clock, tags } = this.options;
    return { startedAt: clock.now(), begunAt: clock.elapsed(true), known: tags.known };
  }

  /** The key has changed, or may have: nothing that was asked for before is kept, and nobody joins it. */
  forget(text: string): void {
    for (const flights of [this.readings, this.renewals, this.loads]) flights.detach(text);
    this.failures.forget(text);
    this.options.tiers.near.delete(text);
  }

  /** The same for every key, but for what memory holds: whoever calls this has made that invalid. */
  forgetAll(): void {
    for (const flights of [this.readings, this.renewals, this.loads]) flights.detachAll();
    this.failures.forgetAll();
  }

  /** Tags were invalidated: who asks from now on joins nothing from before that may have one, and of that is kept what has none. */
  supersede(tags: readonly string[]): void {
    const { mayHave } = this.options.policy;
    const isConcerned = (text: string): boolean =>
      mayHave === undefined || tags.some((tag) => mayHave(tag.slice(1), text));
    // What was looked up may be older than what a load brings, and is cheap to look up again.
    for (const lookups of [this.readings, this.renewals]) lookups.detachAll(isConcerned);
    this.loads.supersedeAll(isConcerned);
    this.failures.forgetAll();
  }

  mayKeep(flight: Flight<Kept>, text: string): boolean {
    return flight.attached && !this.writers.isWriting(text) && !this.#closed;
  }

  /** Puts an entry into memory; a store that cannot take it costs a later hit, never this answer. */
  keepNear(
    text: string,
    entry: Entry,
    kept: Kept,
    truth: Truth,
    policy = this.options.policy,
    near = this.reads.near,
  ): void {
    if (this.#closed) return;
    try {
      if (near.set(text, entry, kept, truth, policy)) return;
      this.options.events.emit('tooLarge', { resource: this.resource, key: text, store: 'memory' });
    } catch (error) {
      this.keeper.unstorable(text, 'memory', error);
    }
  }
}

/** The error of a cache that is used after `close()`. */
export function closedError(resource?: string): CacheError {
  const sentence = 'the cache is closed; close it last, after the server has stopped taking requests';
  return new CacheError('CLOSED', sentence, resource === undefined ? {} : { resource });
}
