import type { Budget } from '../layers/deadline.ts';
import { type Key, keyText } from '../model/key.ts';
import type { FarEntry, Lookup } from './far-tier.ts';
import type { Flight } from './flights.ts';
import { isRefreshDue } from './freshness.ts';
import type { Kept } from './isolation.ts';
import type { Stale } from './keeper.ts';
import { Load, type LoadPlan } from './load.ts';
import type { Seat } from './load-batch.ts';
import type { Policy } from './policy.ts';
import type { Scope } from './scope.ts';

/** A key that is being looked up in the far tier. */
export interface Asked {
  readonly lookup: Promise<Lookup>;
  /** What the call may spend there. */
  readonly budget: Budget;
}

/** How one key is to be looked up, and loaded if need be. */
export interface ReadingPlan<K> {
  readonly seat: Seat<K>;
  readonly policy: Policy;
  /** What was asked of the far tier; `undefined` where there is none to ask. */
  readonly asked: Asked | undefined;
  /** What memory has left of the value, for when its source fails. */
  readonly stale: Stale | undefined;
  /** Set where nobody waits: `stale` is being served, and only what was loaded later will do. */
  readonly renews: boolean;
}

const off: Lookup = { state: 'off' };
const perhapsOvertaken = Promise.resolve(false);

/** Reads a key that memory cannot serve: from the far tier, else from its source. Callers of one key share one reading. */
export class Reading<K extends Key> {
  readonly #scope: Scope<K>;
  readonly #flight: Flight<Kept>;
  readonly #key: K;
  readonly #text: string;
  readonly #plan: ReadingPlan<K>;

  constructor(scope: Scope<K>, flight: Flight<Kept>, key: K, plan: ReadingPlan<K>) {
    this.#scope = scope;
    this.#flight = flight;
    this.#key = key;
    this.#text = keyText(key);
    this.#plan = plan;
  }

  /** Rejects with what the loader threw, where there is no older value that may be given instead. */
  answer(): Promise<Kept> {
    const { asked } = this.#plan;
    // Not awaited where there is nothing to await: a loader is called in the turn of its first caller.
    if (asked === undefined) return this.#withoutValue(off, undefined);
    const askedAt = this.#scope.options.clock.elapsed();
    return asked.lookup.then((lookup) => this.#answerBy(lookup, askedAt));
  }

  #answerBy(lookup: Lookup, askedAt: number): Promise<Kept> | Kept {
    if (lookup.state === 'unwritten') {
      this.#plan.seat.leave();
      if (!this.#plan.renews) this.#scope.counters.unwritten += 1;
      return lookup.kept;
    }
    const found = lookup.state === 'found' ? lookup.found : undefined;
    const use = found === undefined ? 'none' : this.#useOf(found);
    if (found === undefined || use === 'none') return this.#withoutValue(lookup, found);
    if (this.#scope.mayKeep(this.#flight, this.#text)) {
      const truth = { trueAt: askedAt, stored: true };
      this.#scope.keepNear(this.#text, found.entry, found.kept, truth, this.#plan.policy);
    }
    if (use === 'serve') this.#plan.seat.leave();
    // Nobody waits for it: a loader that fails is told of by event.
    else this.#load(this.#loadPlan(lookup, found)).catch(() => undefined);
    return found.kept;
  }

  /** Whether what the far tier has is given out, and whether it is to be replaced then. */
  #useOf({ entry, state }: FarEntry): 'serve' | 'renew' | 'none' {
    const { options, counters, failures, loads } = this.#scope;
    const { renews, stale, policy } = this.#plan;
    const mayRenew = (): boolean => loads.get(this.#text) === undefined && !failures.pauses(this.#text);
    if (renews) return state === 'fresh' && entry.createdAt > stale!.entry.createdAt ? 'serve' : 'none';
    if (state === 'grace') return 'none';
    if (state === 'stale') {
      counters.sharedStale += 1;
      return mayRenew() ? 'renew' : 'serve';
    }
    counters.sharedFresh += 1;
    const due = isRefreshDue(entry, options.clock.now(), policy.refreshAhead, options.random);
    return due && mayRenew() ? 'renew' : 'serve';
  }

  async #withoutValue(lookup: Lookup, found: FarEntry | undefined): Promise<Kept> {
    const { failures, counters, options, resource } = this.#scope;
    // What a far tier that answers has no more was deleted there: what memory has left must not be served.
    const stale = found ?? (lookup.state === 'off' ? this.#plan.stale : undefined);
    const paused = stale !== undefined && this.#isInGrace(stale) && failures.pauses(this.#text);
    const failure = paused ? undefined : failures.answer(this.#text);
    if (paused || failure !== undefined) this.#plan.seat.leave();
    if (paused) return this.#inGrace(stale, 'error');
    if (failure !== undefined) {
      if (!this.#plan.renews) counters.error += 1;
      throw failure.error;
    }
    if (!this.#plan.renews) options.events.emit('miss', { resource, key: this.#text });
    const loading = this.#load(this.#loadPlan(lookup, stale));
    if (stale !== undefined) return this.#orGrace(loading, stale);
    this.#countMiss();
    return loading;
  }

  /** The value of a load, or an older one where the load fails or is too slow. */
  async #orGrace(loading: Promise<Kept>, stale: Stale): Promise<Kept> {
    const { softTimeout } = this.#plan.policy;
    let kept: Kept | undefined;
    try {
      kept = await (softTimeout === Infinity ? loading : this.#within(softTimeout, loading));
    } catch (error) {
      if (this.#isInGrace(stale)) return this.#inGrace(stale, 'error');
      this.#countMiss();
      throw error;
    }
    if (kept === undefined && this.#isInGrace(stale)) return this.#inGrace(stale, 'timeout');
    this.#countMiss();
    return kept ?? loading;
  }

  /** `undefined` once the load has taken so many milliseconds, whoever began it. The load goes on. */
  #within(ms: number, loading: Promise<Kept>): Promise<Kept | undefined> {
    const begunAt = this.#scope.loads.get(this.#text)?.begunAt ?? this.#flight.begunAt;
    const left = begunAt + ms - this.#scope.options.clock.elapsed();
    return new Promise((resolve, reject) => {
      const stop = this.#scope.after(Math.max(0, left), () => resolve(undefined));
      void loading.then(resolve, reject).finally(stop);
    });
  }

  /** Joins the load of the key, or starts it. Who joins this reading is told what becomes of it. */
  async #load(plan: LoadPlan<K>): Promise<Kept> {
    const { loads } = this.#scope;
    let load = loads.get(this.#text);
    if (load !== undefined) plan.seat.leave();
    const start = (own: Flight<Kept>): Promise<Kept> => {
      load = own;
      return new Load(this.#scope, own, this.#key, plan).answer();
    };
    const kept = await loads.join(this.#text, start);
    if (load?.filled !== undefined) this.#flight.keepUntil(load.filled);
    return kept;
  }

  #loadPlan(lookup: Lookup, stale: Stale | undefined): LoadPlan<K> {
    const { seat, policy, asked } = this.#plan;
    const { loads, reads } = this.#scope;
    const past = stale ?? (this.#plan.renews ? this.#plan.stale : undefined);
    return {
      seat,
      policy,
      lookup,
      // Who waits for a load that is under way has spent nothing on the far tier meanwhile.
      budget: loads.get(this.#text) === undefined ? asked?.budget : reads.far?.budget(),
      stale,
      accepts: ({ state, entry }) =>
        state === 'fresh' && (past === undefined || entry.createdAt > past.entry.createdAt),
    };
  }

  /** Once it is known that no older value was given: each read counts once. */
  #countMiss(): void {
    if (!this.#plan.renews) this.#scope.counters.misses += 1;
  }

  #isInGrace({ entry }: Stale): boolean {
    return entry.graceUntil > this.#scope.options.clock.now();
  }

  #inGrace({ kept }: Stale, reason: 'error' | 'timeout'): Kept {
    const { counters, options, resource } = this.#scope;
    // Another process may have evicted the key since it was looked up: who came after that has to look for himself.
    if (this.#plan.asked !== undefined) this.#flight.keepUntil(perhapsOvertaken);
    if (this.#plan.renews) return kept;
    counters.grace += 1;
    options.events.emit('grace', { resource, key: this.#text, reason });
    return kept;
  }
}
