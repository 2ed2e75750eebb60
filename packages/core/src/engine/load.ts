import type { Budget } from '../layers/deadline.ts';
import { CacheError } from '../model/errors.ts';
import { type Key, keyText } from '../model/key.ts';
import { type Claim, claim } from './claim.ts';
import type { FarEntry, FarTier, Lease, Lookup } from './far-tier.ts';
import type { Flight } from './flights.ts';
import { handOut, type Kept } from './isolation.ts';
import type { Loaded, Stale } from './keeper.ts';
import type { Seat } from './load-batch.ts';
import { LoadNotes } from './load-notes.ts';
import type { Policy } from './policy.ts';
import type { Holder, Pending, Scope } from './scope.ts';
import type { StaleValue } from './source.ts';

/** How a key is to be loaded. */
export interface LoadPlan<K> {
  readonly seat: Seat<K>;
  readonly policy: Policy;
  /** What the far tier had of the key. */
  readonly lookup: Lookup;
  /** What is left of what the call may spend on the far tier; `undefined` where there is none. */
  readonly budget: Budget | undefined;
  /** What is left of the value, for the loader to compare with. */
  readonly stale: Stale | undefined;
  /** Whether a value that another process has brought meanwhile will do. */
  readonly accepts: (found: FarEntry) => boolean;
}

/** For how many milliseconds the source of a stale value is left alone after it failed, unless `errorTtl` says it. */
const pauseAfterFailure = 1_000;

/**
 * One load of one key: claim the right to it, ask the source, and fill the tiers with what it brings, far before near.
 *
 * Invariants kept here: what comes from the source is filled and never written back (1); a load never overwrites a
 * newer write (2); loader errors reach the caller, store errors do not (3).
 */
export class Load<K extends Key> implements Holder, Pending {
  readonly #scope: Scope<K>;
  readonly #flight: Flight<Kept>;
  readonly #key: K;
  readonly #text: string;
  readonly #plan: LoadPlan<K>;
  readonly #far: FarTier | undefined;
  readonly #notes: LoadNotes<K>;
  #lease: Lease | undefined;
  #timedOut = false;
  #stopTimer = (): void => undefined;
  #reject!: (error: unknown) => void;

  constructor(scope: Scope<K>, flight: Flight<Kept>, key: K, plan: LoadPlan<K>) {
    this.#scope = scope;
    this.#flight = flight;
    this.#key = key;
    this.#text = keyText(key);
    this.#plan = plan;
    this.#far = scope.reads.far;
    this.#notes = new LoadNotes(key, plan.stale && this.#staleValue(plan.stale));
  }

  /** The value, as soon as it is there; it is kept afterwards. Rejects with what the loader threw, or `LOAD_TIMEOUT`. */
  answer(): Promise<Kept> {
    const { hardTimeout } = this.#plan.policy;
    const answer = new Promise<Kept>((resolve, reject) => {
      this.#reject = reject;
      this.#stopTimer = this.#scope.after(hardTimeout, () => reject(this.#timeOut(hardTimeout)));
      void this.#run()
        .then(resolve, reject)
        .finally(() => this.#stopTimer());
    });
    this.#scope.awaits(this, answer);
    return answer;
  }

  end(error: CacheError): void {
    this.#reject(error);
    this.#notes.abort(error);
    void this.#release();
  }

  async yield(): Promise<void> {
    await this.#release();
  }

  async #run(): Promise<Kept> {
    const { lookup, budget, seat, policy, accepts } = this.#plan;
    const { clock, random } = this.#scope.options;
    const [far, key] = [this.#far, this.#text];
    try {
      const waiting = (): void => seat.leave();
      let claimed: Claim = { state: 'load', keep: 'memory' };
      if (far !== undefined && budget !== undefined && lookup.state !== 'off') {
        // An earlier load of ours that nobody joins any longer would be waited for, be it a query that hangs.
        await this.#scope.holders.get(key)?.yield();
        claimed = await claim({ far, key, clock, random, lookup, budget, accepts, waiting });
      }
      if (claimed.state === 'unwritten') return claimed.kept;
      if (claimed.state === 'load') return await this.#load(claimed);
      const { entry, kept } = claimed.found;
      const truth = { trueAt: claimed.askedAt, stored: true };
      if (this.#mayKeep) this.#scope.keepNear(key, entry, kept, truth, policy);
      return kept;
    } finally {
      seat.leave();
    }
  }

  async #load(claimed: Loading): Promise<Kept> {
    if (claimed.keep === 'everywhere') this.#hold(claimed.lease);
    if (this.#timedOut) void this.#release();
    this.#notes.throwIfAborted();
    const loaded = await this.#ask();
    const filled = this.#fill(loaded, claimed.keep).catch((error: unknown) => {
      this.#scope.keeper.unstorable(this.#text, this.#far?.name ?? 'memory', error);
      return false;
    });
    this.#flight.keepUntil(filled);
    if (this.#timedOut) void filled.then(() => this.#scope.loads.dismiss(this.#text, this.#flight));
    return loaded;
  }

  async #ask(): Promise<Loaded> {
    const { counters, keeper, failures, options } = this.#scope;
    const { policy, seat, stale } = this.#plan;
    const [notes, key] = [this.#notes, this.#text];
    const origin = this.#scope.origin();
    counters.loads += 1;
    counters.inFlight += 1;
    try {
      const value = await seat.load(notes);
      const ms = this.#taken(origin.begunAt);
      options.events.emit('load', { resource: this.#scope.resource, key, ms });
      const loaded =
        notes.unmodified && stale !== undefined
          ? keeper.renewed(stale, this.#key, origin, policy, notes)
          : keeper.keep(value, this.#key, origin, policy, notes);
      failures.forget(key);
      return notes.skipped ? { ...loaded, entry: undefined } : loaded;
    } catch (error) {
      this.#taken(origin.begunAt);
      if (!this.#timedOut) this.#failed(error);
      void this.#release();
      throw error;
    } finally {
      counters.inFlight -= 1;
    }
  }

  /**
   * Puts the value where it may go: far before near, so that no reader finds in memory what others lack. Tells
   * whether, as far as the tiers know, nothing has overtaken the load.
   */
  async #fill(loaded: Loaded, keep: Loading['keep']): Promise<boolean> {
    const { keeper, options, resource, reads } = this.#scope;
    const { entry } = loaded;
    const { near } = reads;
    const [far, lease, key] = [this.#far, this.#letGo(), this.#text];
    if (keep === 'nowhere' || (keep === 'everywhere' && lease === undefined)) return false;
    // A fill that is not refused proves that nothing changed the value since it was loaded.
    const trueAt = options.clock.elapsed();
    let stored = false;
    if (far !== undefined && lease !== undefined) {
      const parcel = entry !== undefined && this.#mayKeep ? keeper.pack(key, entry, far) : undefined;
      if (parcel === undefined) {
        if (!(await this.#withoutFill(far, lease))) return false;
      } else {
        const fill = await far.fill(key, lease, parcel);
        if (fill === 'refused') {
          options.events.emit('fillRefused', { resource, key });
          if (this.#mayKeep) near.delete(key);
          return false;
        }
        stored = fill === 'filled';
      }
    }
    if (!this.#mayKeep) return true;
    // Its tags may have been invalidated meanwhile; the far tier has looked for itself.
    if (entry !== undefined && !near.isValid(entry)) {
      near.delete(key);
      return false;
    }
    this.#scope.loads.outrun(key, this.#flight);
    const { policy } = this.#plan;
    if (entry !== undefined) this.#scope.keepNear(key, entry, loaded, { trueAt, stored }, policy);
    // There is something newer than what memory has, be it that it cannot be kept.
    else near.delete(key);
    return true;
  }

  /** Gives the lease back for a value that cannot be stored, and takes away an older one that could. */
  async #withoutFill(far: FarTier, lease: Lease): Promise<boolean> {
    // A lease that is lost already tells that something has overtaken the load, and has deleted what was older.
    const held = await far.release(this.#text, lease);
    if (held && lease.replaces && this.#mayKeep) await far.evict([this.#text]);
    return held;
  }

  /**
   * Nobody waits for the load any longer, and its signal is aborted. What it brings all the same within as long again
   * is kept if nothing has changed the key; then its lease goes to whoever wants it.
   */
  #timeOut(ms: number): CacheError {
    const { loads, resource } = this.#scope;
    const sentence = `resource '${resource}': the source did not answer within ${ms} ms, which is timeout.hard`;
    const error = new CacheError('LOAD_TIMEOUT', sentence, { resource, key: this.#text });
    this.#timedOut = true;
    this.#scope.counters.timedOut += 1;
    this.#failed(error);
    loads.expire(this.#text, this.#flight);
    this.#stopTimer = this.#scope.after(ms, () => {
      loads.dismiss(this.#text, this.#flight);
      void this.#release();
    });
    this.#notes.abort(error);
    this.#plan.seat.leave();
    return error;
  }

  #failed(error: unknown): void {
    const { counters, failures, options, reads, resource } = this.#scope;
    const { errorTtl } = this.#plan.policy;
    counters.failed += 1;
    // Whoever asks after a change must not be given an error from before it.
    if (this.#scope.loads.get(this.#text) === this.#flight && this.#scope.enabled && !this.#scope.closed) {
      // A far tier may have been given one since it was asked.
      const mayHaveOlder =
        this.#plan.stale !== undefined || this.#far !== undefined || reads.near.look(this.#text) !== undefined;
      failures.note(this.#text, error, mayHaveOlder ? errorTtl || pauseAfterFailure : 0, errorTtl);
    }
    options.events.emit('loadError', { resource, key: this.#text, error });
  }

  #hold(lease: Lease): void {
    this.#lease = lease;
    this.#scope.holders.set(this.#text, this);
  }

  /** The lease, which this load has no longer. */
  #letGo(): Lease | undefined {
    const { holders } = this.#scope;
    const lease = this.#lease;
    this.#lease = undefined;
    if (holders.get(this.#text) === this) holders.delete(this.#text);
    return lease;
  }

  async #release(): Promise<void> {
    const lease = this.#letGo();
    if (lease !== undefined) await this.#far?.release(this.#text, lease);
  }

  #taken(begunAt: number): number {
    // A loader that did not wait has kept the process busy: the turn's reading of the time is from before it.
    const ms = this.#scope.options.clock.elapsed(true) - begunAt;
    this.#scope.counters.ms.record(ms);
    return ms;
  }

  #staleValue({ entry, kept }: Stale): StaleValue {
    return {
      // Most loaders never look at it, and it may have to be copied.
      get value() {
        return handOut(kept);
      },
      age: Math.max(0, this.#scope.options.clock.now() - entry.createdAt),
    };
  }

  get #mayKeep(): boolean {
    return this.#scope.mayKeep(this.#flight, this.#text);
  }
}

type Loading = Extract<Claim, { state: 'load' }>;
