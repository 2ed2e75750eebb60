import { CacheError } from '../model/errors.ts';
import { type Key, keyText } from '../model/key.ts';
import type { Eviction } from '../model/store.ts';
import { orAborted, throwIfAborted } from './abortable.ts';
import type { ReadStats } from './counters.ts';
import { handOut, type Isolation, type Kept } from './isolation.ts';
import type { NearTier } from './near-tier.ts';
import type { Policy } from './policy.ts';
import { Reader } from './reader.ts';
import { Scope, type ScopeOptions, type Tiers } from './scope.ts';
import type { Source } from './source.ts';
import { Writer } from './writer.ts';

export interface EngineOptions extends ScopeOptions {
  /** What reads use while the cache is disabled: nothing but what must be asked for the truth. */
  readonly bare: Tiers;
}

/** What one read may ask for; see `ReadOptions`. */
export interface Ask<K> {
  readonly source: Source<K>;
  readonly policy: Policy;
  readonly fresh: boolean;
  readonly signal: AbortSignal | undefined;
}

/** What the tiers have of a key; `age` is in milliseconds since the load began that brought it. */
export type Peek<V> =
  | { readonly hit: false }
  | {
      readonly hit: true;
      readonly value: V;
      readonly age: number;
      /** `stale` is a value that `staleWhileRevalidate` or `grace` keep. */
      readonly state: 'fresh' | 'stale';
      /** `'memory'`, or the name of the store behind it. */
      readonly tier: string;
    };

/** What happened in one resource since its cache was made, and what memory holds of it now. */
export interface ResourceStats extends ReadStats {
  readonly memory: ReturnType<NearTier['figures']>;
}

/** All that can be done with one resource's keys: the facade of its one read path and its one write path. */
export class Engine<K extends Key> {
  readonly #options: EngineOptions;
  readonly #scope: Scope<K>;
  readonly #reader: Reader<K>;
  readonly #writer: Writer<K>;
  /** What the hot path looks at. */
  #near: NearTier;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#scope = new Scope(options);
    this.#reader = new Reader(this.#scope);
    this.#writer = new Writer(this.#scope);
    this.#near = options.tiers.near;
  }

  get resource(): string {
    return this.#options.resource;
  }

  get policy(): Policy {
    return this.#options.policy;
  }

  /** The value of the key if memory has it, fresh. This is the hot path: it awaits nothing. */
  hit(key: K): Promise<unknown> | undefined {
    const held = this.#near.get(keyText(key));
    if (held === undefined) return undefined;
    this.#scope.counters.memoryFresh += 1;
    return held.settled ?? handedOut(held);
  }

  /** The same value, but not as a promise, for who can go on at once; `undefined` for no hit. */
  hitNow(key: K): unknown {
    const held = this.#near.get(keyText(key));
    if (held === undefined) return undefined;
    this.#scope.counters.memoryFresh += 1;
    return handOut(held);
  }

  /** The value of a key that others wait for already; `undefined` if nobody does. */
  join(key: K): Promise<unknown> | undefined {
    return this.#scope.closed ? undefined : this.#reader.joined(key)?.then(handOut);
  }

  /** The value of a key that was no hit. */
  miss(key: K, source: Source<K>, policy = this.#options.policy): Promise<unknown> {
    return this.join(key) ?? this.#read(key, source, policy);
  }

  /** A read that asks for more than the value. An aborted signal ends this wait alone, never the load. */
  async ask(key: K, { source, policy, fresh, signal }: Ask<K>): Promise<unknown> {
    this.check(key);
    throwIfAborted(signal);
    if (fresh) return handOut(await orAborted(this.#reader.fresh(key, source, policy), signal));
    return orAborted(this.hit(key) ?? this.miss(key, source, policy), signal);
  }

  /** The values of several keys in their order, with one lookup and one load for all that is missing. */
  async getMany(keys: readonly K[], source: Source<K>): Promise<unknown[]> {
    const answers = this.#answers(keys, source);
    return Promise.all(keys.map(async (key) => handOut(await answers.get(keyText(key))!)));
  }

  /** Loads of these keys what is missing. It resolves once that is kept, and does not reject for a loader that fails. */
  async warm(keys: readonly K[], source: Source<K>): Promise<void> {
    const loading = [...this.#answers(keys, source)].map(async ([text, answer]) => {
      await answer;
      await this.#scope.readings.get(text)?.filled;
    });
    await Promise.allSettled(loading);
  }

  /** Of how many of these keys some tier has a value. */
  async count(keys: readonly K[]): Promise<number> {
    const found = await Promise.all(keys.map((key) => this.#reader.find(key)));
    return found.filter((each) => each !== undefined).length;
  }

  /** What the tiers have of the key. It never loads, and it changes nothing. */
  async peek(key: K): Promise<Peek<unknown>> {
    this.check(key);
    const found = await this.#reader.find(key);
    if (found === undefined) return { hit: false };
    const { kept, age, state, tier } = found;
    return { hit: true, value: handOut(kept), age, state, tier };
  }

  /** The value of the key if memory has it, fresh; `undefined` if not. */
  peekLocal(key: K): unknown {
    const kept = this.#near.get(keyText(key)) ?? this.#reader.findLocal(key);
    return kept === undefined ? undefined : handOut(kept);
  }

  /** See `Writer.change`. */
  async change<R>(key: K, run: () => Promise<R> | R, value?: (result: R) => unknown): Promise<R> {
    this.check(key);
    const changing = this.#writer.change(key, run, value);
    // The source cannot be told to stop: who closes the cache can but wait.
    this.#scope.awaits({ end: () => undefined }, changing);
    return changing;
  }

  /** See `Writer.note`. */
  note(key: K, put: () => Promise<unknown>, value?: unknown, kept?: Kept): Promise<void> {
    return this.#writer.note(key, put, value, kept);
  }

  /** See `Writer.evict`. */
  async evict(key: K): Promise<Eviction> {
    this.check(key);
    return this.forget(key);
  }

  /** The same for what the strategy finds out by itself, be it that the cache is being closed. */
  forget(key: K): Promise<Eviction> {
    return this.#writer.evict(key);
  }

  /** See `Writer.expire`. */
  async expire(key: K): Promise<Eviction> {
    this.check(key);
    return this.#writer.expire(key);
  }

  /** See `Writer.touch`. */
  async touch(key: K, policy = this.policy): Promise<boolean> {
    this.check(key);
    return this.#writer.touch(key, policy);
  }

  /** See `Keeper.adopt`. */
  adopt(key: string, value: unknown, isPlain?: boolean): Kept | undefined {
    return this.#scope.keeper.adopt(key, value, isPlain);
  }

  /** Rises with every invalidation of tags that this process knows of. */
  get tagVersion(): number {
    return this.#options.tags.version;
  }

  /** Whether there is more than memory: a tier that other processes change too. */
  get isShared(): boolean {
    return this.#options.tiers.far !== undefined;
  }

  /** How values of this resource are kept. */
  get isolation(): Isolation {
    return this.policy.isolation;
  }

  /** A copy of a caller's value, so that what the caller does to it later changes nothing. */
  copyOf(value: unknown): unknown {
    return this.#scope.keeper.copyOf(value);
  }

  /** Another process has changed the key: nothing that was asked for before is kept, or joined. */
  overtake(key: string): void {
    this.#writer.overtake(key);
  }

  /** See `Writer.touched`. */
  touched(key: string): void {
    this.#writer.touched(key);
  }

  /** All that this resource has was invalidated: nothing in progress is joined, or kept. */
  forgetAll(): void {
    this.#scope.forgetAll();
  }

  /** Tags were invalidated that values of this resource may have: who asks from now on joins nothing that may bring one. */
  supersede(tags: readonly string[]): void {
    this.#scope.supersede(tags);
  }

  /** Whether reads use the tiers. Changes always reach them, so that nothing is out of date when reads use them again. */
  set enabled(enabled: boolean) {
    if (enabled === this.#scope.enabled) return;
    const { tiers, bare } = this.#options;
    this.#scope.reads = enabled ? tiers : bare;
    this.#near = this.#scope.reads.near;
    // What began before was looked up, or was not, as it is not to be from now on.
    this.#scope.forgetAll();
  }

  stats(): ResourceStats {
    return { ...this.#scope.counters.snapshot(), memory: this.#options.tiers.near.figures() };
  }

  /** See `Scope.close`. */
  close(ms: number): Promise<void> {
    return this.#scope.close(ms);
  }

  /** @throws CacheError `CLOSED` or `INVALID_KEY`. */
  check(key: K): void {
    this.#scope.check(key);
  }

  #read(key: K, source: Source<K>, policy: Policy): Promise<unknown> {
    try {
      this.check(key);
    } catch (error) {
      return Promise.reject(error);
    }
    const answer = this.#reader.get(key, source, policy);
    return answer instanceof Promise ? answer.then(handOut) : handedOut(answer);
  }

  #answers(keys: readonly K[], source: Source<K>): Map<string, Promise<Kept> | Kept> {
    if (!Array.isArray(keys)) {
      const sentence = `resource '${this.resource}': give an array of keys, such as ['42', '43']`;
      throw new CacheError('INVALID_KEY', sentence, { resource: this.resource });
    }
    for (const key of keys) this.check(key);
    return this.#reader.getMany(keys, source, this.policy);
  }
}

/** As a promise, even where making the copy throws. */
async function handedOut(kept: Kept): Promise<unknown> {
  return handOut(kept);
}
