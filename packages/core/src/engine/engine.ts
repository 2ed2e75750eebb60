import type { Clock } from '../model/clock.ts';
import type { Entry } from '../model/entry.ts';
import { CacheError } from '../model/errors.ts';
import type { Events } from '../model/events.ts';
import { checkKey, type Key, keyText } from '../model/key.ts';
import type { Eviction, LocalSegment } from '../model/store.ts';
import { type Claim, claim } from './claim.ts';
import type { FarTier, Lookup, Parcel } from './far-tier.ts';
import { type Flight, Flights } from './flights.ts';
import { handOut, type Isolation, type Kept } from './isolation.ts';
import { Keeper, type Loaded } from './keeper.ts';
import { LoadBatch, loadOne, type Seat } from './load-batch.ts';
import { LoadNotes } from './load-notes.ts';
import { NearTier } from './near-tier.ts';
import type { Policy } from './policy.ts';
import type { Source } from './source.ts';
import { resourceTag, type TagClocks } from './tag-clocks.ts';
import { Writers } from './writers.ts';

export interface EngineOptions {
  /** The resource's name, as events and errors give it. */
  readonly resource: string;
  /** The segment its entries live in. */
  readonly segment: string;
  readonly policy: Policy;
  readonly local: LocalSegment;
  readonly far: FarTier | undefined;
  readonly tags: TagClocks;
  readonly clock: Clock;
  readonly events: Events;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** What `peek` finds; `age` is in milliseconds since the load began. */
export type Peek<V> =
  { readonly hit: false } | { readonly hit: true; readonly value: V; readonly age: number; readonly tier: string };

/**
 * The one read path and the one write path of a resource.
 *
 * Invariants kept here: what comes from the source is filled and never written back (1); a load never overwrites a
 * newer write (2); loader errors reach the caller, store errors do not (3); memory does not outlive what is behind it
 * (5); a hit has the shape of a miss (6); `null` is a value and `undefined` is never kept (7).
 */
export class Engine<K extends Key> {
  readonly #options: EngineOptions;
  readonly #clock: Clock;
  readonly #near: NearTier;
  readonly #far: FarTier | undefined;
  readonly #flights = new Flights<Kept>();
  readonly #writers = new Writers();
  readonly #keeper: Keeper<K>;
  #closed = false;

  constructor(options: EngineOptions) {
    const { local, clock, tags, segment, far } = options;
    this.#options = options;
    this.#clock = clock;
    this.#near = new NearTier(local, clock, tags, resourceTag(segment), far?.localTrust ?? Infinity);
    this.#far = far;
    this.#keeper = new Keeper<K>(options);
  }

  get resource(): string {
    return this.#options.resource;
  }

  /** The value of the key if memory has it, fresh. This is the hot path: it awaits nothing. */
  hit(key: K): Promise<unknown> | undefined {
    const held = this.#near.get(keyText(key));
    return held === undefined ? undefined : (held.settled ?? handedOut(held));
  }

  /** The value of the key that memory has not: from the far tier, else from the source. Callers share one flight. */
  async miss(key: K, source: Source<K>, policy = this.#options.policy): Promise<unknown> {
    this.check(key);
    return handOut(await this.#join(key, source, policy));
  }

  /** The values of several keys in their order, with one lookup and one load for all that is missing. */
  async getMany(keys: readonly K[], source: Source<K>): Promise<unknown[]> {
    if (!Array.isArray(keys))
      throw new CacheError('INVALID_KEY', `resource '${this.resource}': getMany takes an array of keys`);
    for (const key of keys) this.check(key);
    const answers = new Map<string, Promise<Kept>>();
    const missing = new Map<string, K>();
    for (const key of keys) {
      const text = keyText(key);
      const held = this.#near.get(text);
      if (held !== undefined) answers.set(text, Promise.resolve<Kept>(held));
      else if (this.#flights.has(text)) answers.set(text, this.#join(key, source));
      else missing.set(text, key);
    }
    const batch = new LoadBatch(source, missing.size);
    const found = missing.size === 0 ? undefined : this.#far?.read([...missing.keys()], this.#far.budget());
    [...missing].forEach(([text, key], index) => {
      const lookup = found?.then((lookups) => lookups[index]!);
      const plan: Plan<K> = { seat: batch.seat(), policy: this.#options.policy, lookup };
      answers.set(text, this.#flights.start(text, (flight) => this.#fly(flight, key, plan)).answer);
    });
    return Promise.all(keys.map(async (key) => handOut(await answers.get(keyText(key))!)));
  }

  /** What the tiers have of the key, fresh and valid. It never loads, and it changes nothing. */
  async peek(key: K): Promise<Peek<unknown>> {
    this.check(key);
    const held = this.#near.get(keyText(key));
    if (held !== undefined) return this.#peeked(held, held.createdAt, 'memory');
    if (this.#far === undefined) return { hit: false };
    const [lookup] = await this.#far.read([keyText(key)], this.#far.budget());
    const kept = lookup?.state === 'hit' ? this.#keeper.adopt(keyText(key), lookup.entry) : undefined;
    if (lookup?.state !== 'hit' || kept === undefined) return { hit: false };
    return this.#peeked(kept, lookup.entry.createdAt, this.#far.name);
  }

  /**
   * Changes the source, so that once this has settled no reader of any process is given what was before: mark,
   * change, then commit or delete (docs/consistency.md). What `run` throws reaches the caller, and the key ends
   * up empty. `value` is kept if this was the only writer; it is what the source holds after the change.
   */
  async change<R>(key: K, run: () => Promise<R> | R, value?: (result: R) => unknown): Promise<R> {
    this.check(key);
    const text = keyText(key);
    const turn = this.#writers.begin(text);
    try {
      this.#forget(text);
      const startedAt = this.#clock.now();
      const { known } = this.#options.tags;
      const marker = await this.#far?.mark(text, this.#far.budget());
      let loaded: Loaded | undefined;
      let parcel: Parcel | undefined;
      try {
        const result = await run();
        if (value !== undefined) loaded = this.#keeper.keep(value(result), key, { startedAt, known });
        return result;
      } finally {
        if (turn.alone && loaded?.entry !== undefined) parcel = this.#keeper.pack(text, loaded.entry);
        const trueAt = this.#clock.elapsed();
        const committed = marker === undefined ? 'filled' : await this.#far!.commit(text, marker, parcel);
        this.#forget(text);
        if (committed === 'filled' && turn.alone && loaded?.entry !== undefined && !this.#closed)
          this.#keepNear(text, loaded.entry, loaded, trueAt);
      }
    } finally {
      turn.end();
    }
  }

  /** Puts a value into memory alone: one that other processes are not to see (yet). `kept` is its private copy. */
  place(key: K, value: unknown, kept: Kept): void {
    const text = keyText(key);
    const startedAt = this.#clock.now();
    this.#writers.contend(text);
    this.#forget(text);
    const origin = { startedAt, known: this.#options.tags.known };
    const loaded = this.#keeper.entry(value, key, origin, () => kept);
    if (loaded.entry !== undefined && !this.#closed) this.#keepNear(text, loaded.entry, loaded, this.#clock.elapsed());
  }

  /** How values of this resource are kept. */
  get isolation(): Isolation {
    return this.#options.policy.isolation;
  }

  /** A copy of a caller's value, so that what the caller does to it later changes nothing. */
  copyOf(value: unknown): unknown {
    return this.#keeper.copyOf(value);
  }

  /** Deletes the key in every tier. Loads and writes in progress do not bring it back. */
  async evict(key: K): Promise<Eviction> {
    this.check(key);
    const text = keyText(key);
    this.#writers.contend(text);
    this.#forget(text);
    if (this.#far === undefined) return 'done';
    const eviction = await this.#far.evict([text]);
    // What was read from the far tier before the deletion arrived there must not stay either.
    this.#writers.contend(text);
    this.#forget(text);
    return eviction;
  }

  /** Callers from now on do not join the loads in progress, which may bring what has just been invalidated. */
  detachLoads(): void {
    this.#flights.detachAll();
  }

  /** From now on every call that memory does not answer rejects. */
  close(): void {
    this.#closed = true;
  }

  /** @throws CacheError `CLOSED` or `INVALID_KEY`. */
  check(key: K): void {
    if (this.#closed) throw closedError(this.resource);
    checkKey(key, this.resource);
  }

  #join(key: K, source: Source<K>, policy = this.#options.policy): Promise<Kept> {
    const seat: Seat<K> = { load: (context) => loadOne(source, context), leave: () => undefined };
    return this.#flights.join(keyText(key), (own) => this.#fly(own, key, { seat, policy, lookup: undefined }));
  }

  async #fly(flight: Flight<Kept>, key: K, plan: Plan<K>): Promise<Kept> {
    const { seat, lookup } = plan;
    try {
      const far = this.#far;
      if (far === undefined) return await this.#load(flight, key, plan, { state: 'load', keep: 'memory' });
      const { clock, random } = this.#options;
      const waiting = (): void => seat.leave();
      const claimed = await claim({ far, key: keyText(key), clock, random, lookup, waiting });
      if (claimed.state === 'load') return await this.#load(flight, key, plan, claimed);
      const kept = this.#keeper.adopt(keyText(key), claimed.entry);
      if (kept === undefined) return await this.#load(flight, key, plan, { state: 'load', keep: 'memory' });
      if (this.#mayKeep(flight, keyText(key))) this.#keepNear(keyText(key), claimed.entry, kept, claimed.askedAt);
      return kept;
    } finally {
      seat.leave();
    }
  }

  async #load(flight: Flight<Kept>, key: K, { seat, policy }: Plan<K>, how: Loading): Promise<Kept> {
    const { events, tags } = this.#options;
    const text = keyText(key);
    const origin = { startedAt: this.#clock.now(), known: tags.known };
    const begun = this.#clock.elapsed();
    events.emit('miss', { resource: this.resource, key: text });
    const notes = new LoadNotes(key);
    let loaded: Loaded;
    try {
      const value = await seat.load(notes);
      events.emit('load', { resource: this.resource, key: text, ms: this.#clock.elapsed() - begun });
      loaded = this.#keeper.keep(value, key, origin, policy, notes);
      if (notes.skipped) loaded = { ...loaded, entry: undefined };
    } catch (error) {
      events.emit('loadError', { resource: this.resource, key: text, error });
      if (how.keep === 'everywhere') void this.#far!.release(text, how.lease);
      throw error;
    }
    const filled = this.#fill(flight, text, loaded, how).catch((error: unknown) => {
      this.#keeper.unstorable(text, this.#far?.name ?? 'memory', error);
      return false;
    });
    flight.keepUntil(filled);
    return loaded;
  }

  /**
   * Puts a load's value where it may go: far before near, so that no reader finds in memory what others lack. Tells
   * whether, as far as the tiers know, nothing has overtaken the load.
   */
  async #fill(flight: Flight<Kept>, text: string, loaded: Loaded, how: Loading): Promise<boolean> {
    const { entry } = loaded;
    if (how.keep === 'nowhere') return false;
    // A fill that is not refused proves that nothing changed the value since it was loaded.
    const trueAt = this.#clock.elapsed();
    if (how.keep === 'everywhere') {
      const parcel = entry !== undefined && this.#mayKeep(flight, text) ? this.#keeper.pack(text, entry) : undefined;
      if (parcel === undefined) {
        if (!(await this.#far!.release(text, how.lease))) return false;
      } else if ((await this.#far!.fill(text, how.lease, parcel)) === 'refused') {
        this.#options.events.emit('fillRefused', { resource: this.resource, key: text });
        return false;
      }
    }
    if (entry !== undefined && this.#mayKeep(flight, text)) this.#keepNear(text, entry, loaded, trueAt);
    return true;
  }

  #mayKeep(flight: Flight<Kept>, text: string): boolean {
    return flight.attached && !this.#writers.isWriting(text) && !this.#closed;
  }

  /** Puts an entry into memory; a store that cannot take it costs a later hit, never this answer. */
  #keepNear(text: string, entry: Entry, kept: Kept, trueAt: number): void {
    try {
      this.#near.set(text, entry, kept, trueAt);
    } catch (error) {
      this.#keeper.unstorable(text, 'memory', error);
    }
  }

  #forget(text: string): void {
    this.#flights.detach(text);
    this.#near.delete(text);
  }

  #peeked(kept: Kept, createdAt: number, tier: string): Peek<unknown> {
    return { hit: true, value: handOut(kept), age: Math.max(0, this.#clock.now() - createdAt), tier };
  }
}

/** How one key is to be looked up and loaded. */
interface Plan<K> {
  readonly seat: Seat<K>;
  readonly policy: Policy;
  /** The answer of a lookup that was made for several keys. */
  readonly lookup: Promise<Lookup> | undefined;
}

type Loading = Extract<Claim, { state: 'load' }>;

/** As a promise, even where making the copy throws. */
async function handedOut(kept: Kept): Promise<unknown> {
  return handOut(kept);
}

/** The error of a cache that is used after `close()`. */
export function closedError(resource?: string): CacheError {
  const sentence = 'the cache is closed; close it last, after the server has stopped taking requests';
  return new CacheError('CLOSED', sentence, resource === undefined ? {} : { resource });
}
