import { delay } from '../../src/model/clock.ts';
import type { ManualClock } from '../../src/model/manual-clock.ts';
import {
  type Entry,
  expiredAt,
  maxLocalStaleness,
  type Options,
  type State,
  stateAt,
  type Tiers,
  timesFrom,
} from './entry.ts';
import { detach, Load } from './load.ts';
import { type Row, type Source, tagOf } from './source.ts';

/** What the docs say of one resource in one process, as plainly as it can be said: one entry per key, wherever it is kept. */
export class ResourceModel {
  /** How often the source is to have been asked. */
  readonly asked = new Map<string, number>();
  enabled = true;
  readonly #entries = new Map<string, Entry>();
  /** Until when memory gives an entry out without asking the shared tier, and when it will have been idle for too long. */
  readonly #memory = new Map<string, { readonly trustedUntil: number; idleUntil: number }>();
  /** The loads that are joined, and all that are under way, in the order in which they began. */
  readonly #loads = new Map<string, Load>();
  readonly #running = new Set<Load>();
  /** By key the read that others join, where there is an old value to give in the end. */
  readonly #waiting = new Map<string, Promise<GraceRow>>();
  readonly #leases = new Map<string, Load>();
  readonly #failures = new Map<string, { error: unknown; pausedUntil: number; answersUntil: number }>();

  constructor(
    readonly options: Options,
    readonly tiers: Tiers,
    readonly source: Source,
    readonly clock: ManualClock,
    readonly prefix = '',
  ) {}

  async get(key: string, ttl = this.options.ttl): Promise<Row> {
    const state = this.enabled ? this.#state(key) : 'over';
    const entry = this.#entries.get(key)!;
    if (state === 'fresh' || state === 'stale') {
      this.#use(key);
      const renews = state === 'stale' || this.#isRefreshedAhead(key, entry);
      if (renews && !this.#loads.has(key) && !this.#isPaused(key)) this.#begin(key, ttl);
      return entry.row;
    }
    const failure = this.#failures.get(key);
    if (state === 'grace' && this.#isPaused(key)) return entry.row;
    if (failure !== undefined && this.#now < failure.answersUntil) throw failure.error;
    const running = this.#loads.get(key);
    const load = running ?? this.#begin(key, ttl);
    const answer = (): Promise<Row> => (running === undefined ? load.answer : this.#joined(key, load, ttl));
    return state === 'grace' ? this.#inGrace(key, () => this.#orGrace(entry, load, answer()), ttl) : answer();
  }

  /** Who joins somebody that is given an old value in the end looks again, since another process may have evicted it. */
  async #inGrace(key: string, ask: () => Promise<GraceRow>, ttl: number): Promise<Row> {
    const first = this.#waiting.get(key);
    if (first === undefined) {
      const answer = ask();
      this.#waiting.set(key, answer);
      const leave = (): unknown => this.#waiting.get(key) === answer && this.#waiting.delete(key);
      return (await answer.finally(leave)).row;
    }
    const { row, isOld } = await first;
    return this.tiers.shared && isOld ? this.get(key, ttl) : row;
  }

  /** A load that begins now, or after the one that is under way. */
  async fresh(key: string, ttl = this.options.ttl): Promise<Row> {
    await this.#loads.get(key)?.answer.catch(() => undefined);
    return this.#begin(key, ttl).answer;
  }

  peek(key: string): object {
    const state = this.enabled ? this.#state(key) : 'over';
    if (state === 'over') return { hit: false };
    const { row, createdAt } = this.#entries.get(key)!;
    const tier = !this.tiers.shared || (state === 'fresh' && this.#isInMemory(key)) ? 'memory' : 'model';
    return { hit: true, value: row, age: this.#now - createdAt, state: state === 'fresh' ? 'fresh' : 'stale', tier };
  }

  has(key: string): boolean {
    return this.enabled && this.#state(key) === 'fresh';
  }

  peekLocal(key: string): Row {
    return this.has(key) && this.#isInMemory(key) ? this.#entries.get(key)!.row : undefined;
  }

  /** Whether a load is under way that a caller would join. */
  isLoading(key: string): boolean {
    return this.#loads.has(key);
  }

  put(key: string, row: Exclude<Row, undefined>): void {
    this.evict(key);
    // While the cache is disabled memory takes nothing in.
    if (this.tiers.shared || this.enabled) this.#keep(key, row, this.#now, this.options.ttl);
    if (!this.enabled) this.#memory.delete(key);
  }

  evict(key: string): void {
    for (const load of this.#running) if (load.key === key) detach(load);
    const holder = this.#leases.get(key);
    if (holder !== undefined) holder.overtaken = true;
    for (const each of [this.#loads, this.#waiting, this.#leases, this.#failures]) each.delete(key);
    this.#drop(key);
  }

  expire(key: string): void {
    const state = this.#state(key);
    const entry = this.#entries.get(key);
    const isBeingLoaded = this.#leases.has(key);
    this.evict(key);
    if (entry === undefined || state === 'over' || isBeingLoaded) return;
    this.#entries.set(key, expiredAt(this.#now, entry));
    if (!this.tiers.shared) this.#intoMemory(key);
  }

  touch(key: string, ttl = this.options.ttl): boolean {
    const entry = this.#entries.get(key);
    const may = entry !== undefined && this.#state(key) === 'fresh' && !this.#leases.has(key);
    if (this.tiers.shared) this.#memory.delete(key);
    if (!may) return false;
    this.#entries.set(key, { ...entry, ...timesFrom(this.#now, entry.row, ttl, this.options) });
    if (!this.tiers.shared) this.#intoMemory(key);
    return true;
  }

  /** Entries with this tag, or all, are gone; loads of whatever key began too early, and bring what may be kept without it. */
  invalidate(tag?: string): void {
    for (const [key, { row }] of this.#entries) {
      if (tag !== undefined && (row === null || tagOf(row) !== tag)) continue;
      this.#drop(key);
    }
    if (tag === undefined) this.detachAll();
    for (const load of this.#running) load.invalidated.add(tag!);
    for (const each of [this.#loads, this.#waiting, this.#failures]) each.clear();
  }

  switchTo(enabled: boolean): void {
    if (enabled !== this.enabled) this.detachAll();
    this.enabled = enabled;
  }

  detachAll(): void {
    for (const load of this.#running) detach(load);
    for (const each of [this.#loads, this.#waiting, this.#failures]) each.clear();
  }

  get #now(): number {
    return this.clock.now();
  }

  #state(key: string): State {
    const entry = this.#entries.get(key);
    if (entry === undefined || (!this.tiers.shared && !this.#isInMemory(key))) return 'over';
    return stateAt(this.#now, entry);
  }

  #isInMemory(key: string): boolean {
    const held = this.#memory.get(key);
    return held !== undefined && this.#now < held.trustedUntil && this.#now < held.idleUntil;
  }

  #use(key: string): void {
    if (!this.#isInMemory(key)) this.#intoMemory(key);
    else this.#memory.get(key)!.idleUntil = this.#now + (this.options.maxIdle ?? Infinity);
  }

  #intoMemory(key: string): void {
    if (!this.tiers.memory) return;
    const trust = this.tiers.shared ? maxLocalStaleness : Infinity;
    const idleUntil = this.#now + (this.options.maxIdle ?? Infinity);
    this.#memory.set(key, { trustedUntil: this.#now + trust, idleUntil });
  }

  /** Dice decide within ten load times of the end; what they said is seen by whether the source was asked. */
  #isRefreshedAhead(key: string, { freshUntil, loadMs }: Entry): boolean {
    if (!this.options.refreshAhead || freshUntil - this.#now > 10 * loadMs) return false;
    return this.source.askedFor(this.prefix + key) > (this.asked.get(key) ?? 0);
  }

  #isPaused(key: string): boolean {
    const failure = this.#failures.get(key);
    return failure !== undefined && this.#now < failure.pausedUntil;
  }

  /** Who joins a load that a change has overtaken in the shared tier gets what is there by now, or another load's. */
  async #joined(key: string, load: Load, ttl: number): Promise<Row> {
    const row = await load.answer;
    if (!load.overtaken) return row;
    if (this.has(key)) return this.#entries.get(key)!.row;
    return (this.#loads.get(key) ?? this.#begin(key, ttl)).answer;
  }

  async #orGrace(old: Entry, load: Load, answer: Promise<Row>): Promise<GraceRow> {
    const isInGrace = (): boolean => this.#now < old.graceUntil;
    const { soft } = this.options;
    try {
      if (soft === undefined) return { row: await answer, isOld: false };
      const late = Symbol('late');
      const left = Math.max(0, load.begunAt + soft - this.#now);
      const first = await Promise.race([answer, delay(this.clock, left).then(() => late)]);
      if (first !== late) return { row: first as Row, isOld: false };
    } catch (error) {
      if (isInGrace()) return { row: old.row, isOld: true };
      throw error;
    }
    return isInGrace() ? { row: old.row, isOld: true } : { row: await answer, isOld: false };
  }

  #begin(key: string, ttl: number): Load {
    this.asked.set(key, (this.asked.get(key) ?? 0) + 1);
    const load = new Load(key, this.#now);
    this.#running.add(load);
    load.answer = this.#run(key, load, ttl);
    load.answer.catch(() => undefined);
    detach(this.#loads.get(key));
    this.#loads.set(key, load);
    if (this.tiers.shared && this.enabled) {
      const holder = this.#leases.get(key);
      if (holder !== undefined) holder.overtaken = true;
      this.#leases.set(key, load);
    }
    return load;
  }

  #run(key: string, load: Load, ttl: number): Promise<Row> {
    const { hard } = this.options;
    return new Promise((resolve, reject) => {
      let timer = this.clock.setTimer(hard, () => {
        const error = new Error('LOAD_TIMEOUT');
        this.#failed(key, load, error);
        load.overdue = true;
        if (this.#loads.get(key) === load) this.#loads.delete(key);
        timer = this.clock.setTimer(hard, () => {
          detach(load);
          this.#landed(key, load);
        });
        reject(error);
      });
      void this.source
        .answer(this.clock, this.prefix + key)
        .then((row) => {
          this.#failures.delete(key);
          this.#fill(key, load, row, ttl);
          resolve(row);
        })
        .catch((error: unknown) => {
          if (!load.overdue) this.#failed(key, load, error);
          reject(error);
        })
        .finally(() => {
          timer.cancel();
          this.#landed(key, load);
        });
    });
  }

  #failed(key: string, load: Load, error: unknown): void {
    const { errorTtl } = this.options;
    if (this.#loads.get(key) !== load || !this.enabled) return;
    this.#failures.set(key, {
      error,
      pausedUntil: this.#now + (errorTtl || 1_000),
      answersUntil: this.#now + errorTtl,
    });
  }

  #fill(key: string, load: Load, row: Row, ttl: number): void {
    if (!load.attached || load.overtaken || !this.enabled) return;
    load.overtaken = row !== undefined && row !== null && load.invalidated.has(tagOf(row));
    if (load.overtaken) return this.#drop(key);
    for (const other of this.#running) {
      if (other === load) break;
      if (other.key === key) detach(other);
    }
    if (row === undefined) this.#drop(key);
    else this.#keep(key, row, load.begunAt, ttl);
  }

  #drop(key: string): void {
    this.#entries.delete(key);
    this.#memory.delete(key);
  }

  #landed(key: string, load: Load): void {
    this.#running.delete(load);
    for (const each of [this.#loads, this.#leases]) if (each.get(key) === load) each.delete(key);
  }

  #keep(key: string, row: Exclude<Row, undefined>, createdAt: number, ttl: number): void {
    this.#entries.set(key, {
      row,
      createdAt,
      loadMs: this.#now - createdAt,
      ...timesFrom(this.#now, row, ttl, this.options),
    });
    this.#intoMemory(key);
  }
}

interface GraceRow {
  readonly row: Row;
  /** Whether it is what `grace` has kept. */
  readonly isOld: boolean;
}
