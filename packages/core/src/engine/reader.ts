import { type Key, keyText } from '../model/key.ts';
import type { FarTier, Lookup } from './far-tier.ts';
import { type Freshness, isRefreshDue } from './freshness.ts';
import type { Kept } from './isolation.ts';
import type { Stale } from './keeper.ts';
import { Load, type LoadPlan } from './load.ts';
import { Alone, LoadBatch } from './load-batch.ts';
import type { Held } from './near-tier.ts';
import type { Policy } from './policy.ts';
import { type Asked, Reading, type ReadingPlan } from './reading.ts';
import type { Scope } from './scope.ts';
import type { Source } from './source.ts';

/** What the tiers have of a key, before it is handed out. */
export interface Found {
  readonly kept: Kept;
  /** Milliseconds since the load began that brought it. */
  readonly age: number;
  /** `stale` is a value that `staleWhileRevalidate` or `grace` keep. */
  readonly state: 'fresh' | 'stale';
  readonly tier: string;
}

/**
 * How a resource is read where memory has no fresh value to give without a thought: old values are given out as
 * `FreshnessOptions` has it, and for the rest there is one `Reading` per key.
 */
export class Reader<K extends Key> {
  readonly #scope: Scope<K>;

  constructor(scope: Scope<K>) {
    this.#scope = scope;
  }

  /** What those share who wait for the key already; `undefined` if it is not being read, or need not be waited for. */
  joined(key: K): Promise<Kept> | undefined {
    const { reads, readings, counters } = this.#scope;
    const text = keyText(key);
    const joined = readings.joined(text);
    if (joined === undefined || isServed(reads.near.look(text))) return undefined;
    counters.joined += 1;
    return joined;
  }

  get(key: K, source: Source<K>, policy: Policy): Promise<Kept> | Kept {
    const scope = this.#scope;
    const { readings, renewals, counters } = scope;
    const text = keyText(key);
    const held = scope.reads.near.look(text);
    const use = this.#useOf(held, policy);
    if (use === 'serve' || (use === 'renew' && this.#isBeingRenewed(text))) return held!.entry;
    if (use === 'none' && readings.get(text) !== undefined) counters.joined += 1;
    const renews = use === 'renew';
    const answer = (renews ? renewals : readings).join(text, (flight) => {
      // Who has joined may come here after a change of the key, or of what reads use.
      const { near, far } = scope.reads;
      const stale = staleOf(renews ? held : near.look(text));
      const plan = { seat: new Alone(source), policy, stale, renews, asked: far && ask(far, text) };
      return new Reading(scope, flight, key, plan).answer();
    });
    if (use === 'none') return answer;
    // Nobody waits for it: a loader that fails is told of by event.
    answer.catch(() => undefined);
    return held!.entry;
  }

  /** The value as a load brings it that begins no earlier than now. */
  async fresh(key: K, source: Source<K>, policy: Policy): Promise<Kept> {
    const { reads, loads, counters } = this.#scope;
    const text = keyText(key);
    const asked = reads.far && ask(reads.far, text);
    const lookup = asked === undefined ? off : await asked.lookup;
    if (lookup.state === 'unwritten') {
      counters.unwritten += 1;
      return lookup.kept;
    }
    counters.refreshed += 1;
    const past = lookup.state === 'off' ? staleOf(reads.near.look(text)) : undefined;
    const stale = lookup.state === 'found' ? lookup.found : past;
    // Who waits for a load that is under way has spent nothing on the far tier meanwhile.
    const left = loads.get(text) === undefined ? asked?.budget : reads.far?.budget();
    const plan: LoadPlan<K> = { seat: new Alone(source), policy, lookup, budget: left, stale, accepts: () => false };
    return loads.next(text, (flight) => new Load(this.#scope, flight, key, plan).answer());
  }

  /** The answers for several keys, by their text, with one lookup and one load for all that is missing. */
  getMany(keys: readonly K[], source: Source<K>, policy: Policy): Map<string, Promise<Kept> | Kept> {
    const { reads, readings, renewals } = this.#scope;
    const { near, far } = reads;
    const answers = new Map<string, Promise<Kept> | Kept>();
    const wanted = new Map<string, { readonly key: K; readonly stale: Stale | undefined; readonly renews: boolean }>();
    for (const key of keys) {
      const text = keyText(key);
      if (answers.has(text) || wanted.has(text)) continue;
      const held = near.look(text);
      const use = this.#useOf(held, policy);
      if (use !== 'none') answers.set(text, held!.entry);
      else if (readings.get(text) !== undefined) answers.set(text, this.get(key, source, policy));
      else wanted.set(text, { key, stale: staleOf(held), renews: false });
      if (use === 'renew' && !this.#isBeingRenewed(text)) wanted.set(text, { key, stale: staleOf(held), renews: true });
    }
    const batch = new LoadBatch(source, wanted.size);
    const budget = far?.budget();
    for (const [text, { key, stale, renews }] of wanted) {
      const asked = far && ask(far, text, budget);
      const plan: ReadingPlan<K> = { seat: batch.seat(), policy, stale, renews, asked };
      const reading = (renews ? renewals : readings).start(text, (own) =>
        new Reading(this.#scope, own, key, plan).answer(),
      );
      if (renews) reading.answer.catch(() => undefined);
      else answers.set(text, reading.answer);
    }
    return answers;
  }

  /** What the tiers have of the key. It loads nothing, and changes and counts nothing. */
  async find(key: K): Promise<Found | undefined> {
    const { near, far } = this.#scope.reads;
    const text = keyText(key);
    const held = near.look(text);
    const local = held && this.#found('memory', staleOf(held), held.state);
    if (far === undefined || held?.state === 'fresh') return local;
    const lookup = await ask(far, text).lookup;
    if (lookup.state === 'unwritten') return { kept: lookup.kept, age: 0, state: 'fresh', tier: far.name };
    if (lookup.state === 'found') return this.#found(far.name, lookup.found, lookup.found.state);
    // What a far tier that answers has no more was deleted there.
    return lookup.state === 'off' ? local : undefined;
  }

  /** The value that memory has of the key, if it is fresh. */
  findLocal(key: K): Kept | undefined {
    const { near } = this.#scope.reads;
    const text = keyText(key);
    const hot = near.get(text);
    if (hot !== undefined) return hot;
    const held = near.look(text);
    return held?.state === 'fresh' ? held.entry : undefined;
  }

  /** Whether what memory has is given out, and whether it is to be replaced then. */
  #useOf(held: Held | undefined, policy: Policy): 'serve' | 'renew' | 'none' {
    if (!isServed(held)) return 'none';
    const { counters, options, reads } = this.#scope;
    const { entry } = held;
    if (policy.maxIdle !== Infinity) reads.near.use(entry, policy);
    if (held.state === 'stale') {
      counters.memoryStale += 1;
      return 'renew';
    }
    counters.memoryFresh += 1;
    const now = options.clock.elapsed() + entry.skew;
    return isRefreshDue(entry, now, policy.refreshAhead, options.random) ? 'renew' : 'serve';
  }

  #isBeingRenewed(text: string): boolean {
    const { readings, renewals, loads, failures } = this.#scope;
    const isUnderWay = [readings, renewals, loads].some((flights) => flights.get(text) !== undefined);
    return isUnderWay || failures.pauses(text);
  }

  #found(tier: string, { entry, kept }: Stale, state: Freshness): Found {
    const age = Math.max(0, this.#scope.options.clock.now() - entry.createdAt);
    return { kept, age, state: state === 'fresh' ? 'fresh' : 'stale', tier };
  }
}

const off: Lookup = { state: 'off' };

/** Whether it is given out at once, and not only if its source fails. */
function isServed(held: Held | undefined): held is Held {
  return held !== undefined && held.state !== 'grace';
}

function ask(far: FarTier, text: string, budget = far.budget()): Asked {
  return { lookup: far.read(text, budget), budget };
}

function staleOf(held: Held): Stale;
function staleOf(held: Held | undefined): Stale | undefined;
function staleOf(held: Held | undefined): Stale | undefined {
  return held && { entry: held.entry, kept: held.entry };
}
