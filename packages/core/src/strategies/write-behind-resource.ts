import type { Acceptor } from '../engine/acceptor.ts';
import type { ResourceStats } from '../engine/engine.ts';
import type { FlushFigures, WriteStats } from '../engine/flush-figures.ts';
import type { Flusher } from '../engine/flusher.ts';
import type { Kept } from '../engine/isolation.ts';
import type { Merger } from '../engine/merger.ts';
import type { Payloads } from '../engine/payload.ts';
import { Resource, type ResourceParts } from '../engine/resource.ts';
import type { Updater } from '../engine/updater.ts';
import { type Key, keyText } from '../model/key.ts';
import type { DirtyWrite, Durability, Ledger, LedgerBook, LedgerFigures } from '../model/ledger.ts';
import { integer, invalid, optional, type OptionRule, parseOptions, withDefault } from '../model/options.ts';
import { checkDefined } from '../model/value.ts';
import { checkPromise, durabilityRule } from './write-behind-options.ts';

/** What can be said of one write. */
export interface WriteOptions {
  /** Default: the resource's. */
  durability?: Durability;
  /**
   * A name for the write, such as a UUID: tried again under the same one within seconds, as after a `DURABILITY` or
   * `LEDGER_UNAVAILABLE` error, it is not made twice.
   */
  opId?: string;
}

/** A write that was given up. */
export interface DeadLetter {
  readonly id: string;
  readonly key: string;
  readonly op: 'save' | 'remove' | 'merge';
  /** What was to be saved or merged; `null` for a removal. */
  readonly value: unknown;
  readonly version: number;
  /** How often the writer had refused it. */
  readonly attempts: number;
  readonly error: string;
}

export interface WriteBehindParts<K extends Key> {
  readonly acceptor: Acceptor;
  readonly book: LedgerBook;
  readonly durability: Durability;
  readonly figures: FlushFigures;
  readonly flusher: Flusher;
  readonly ledger: Ledger;
  readonly merger: Merger | undefined;
  readonly payloads: Payloads;
  readonly removes: boolean;
  readonly updater: Updater<K>;
}

export class WriteBehindResource<K extends Key, V, D = never> extends Resource<K, V> {
  readonly #parts: WriteBehindParts<K>;
  readonly #shared: ResourceParts<K>['shared'];

  constructor(parts: ResourceParts<K>, behind: WriteBehindParts<K>) {
    super(parts);
    this.#parts = behind;
    this.#shared = parts.shared;
  }

  /**
   * Notes the write; every read sees it from now on, and the source gets it with a later batch.
   *
   * Rejects with a `CacheError`: `UNDEFINED_VALUE`, `UNSTORABLE_VALUE`, `INVALID_KEY`, `CLOSED`, `LEDGER_FULL`, `DURABILITY`;
   * `LEDGER_UNAVAILABLE`, where it may have been noted.
   */
  async set(key: K, value: V, options?: WriteOptions): Promise<void> {
    checkDefined(value, this.name, 'set');
    this.engine.check(key);
    const kept = this.engine.isolation.keep(value);
    await this.#note(key, this.#write(key, 'save', kept.value, this.#terms('set', options)), value, kept);
  }

  /** Notes the removal; reads give `null` from now on. Rejects as `set` does. */
  async remove(key: K, options?: WriteOptions): Promise<void> {
    if (!this.#parts.removes) {
      throw invalid(`resource '${this.name}'`, 'has no `remove`; give writeBehind({ removeMany: (items) => … })');
    }
    this.engine.check(key);
    const kept = this.engine.isolation.keep(null);
    await this.#note(key, this.#write(key, 'remove', null, this.#terms('remove', options)), null, kept);
  }

  /**
   * Reads the newest value, and notes what `change` makes of it, unless another write of the key comes first: then both are
   * done anew. Gives what was noted. Rejects as `set` does, with what `change` or the loader throws, or `CONTENDED`.
   */
  async update(key: K, change: (value: V) => V | Promise<V>, options?: WriteOptions): Promise<V> {
    this.engine.check(key);
    const terms = this.#terms('update', options);
    const { isolation } = this.engine;
    const updated = await this.#parts.updater.update(key, {
      change: async (current) => {
        const value = await change(isolation.forWriter(current) as V);
        checkDefined(value, this.name, 'update');
        return value;
      },
      note: (value, condition) => {
        const kept = isolation.keep(value);
        return this.#note(key, { ...this.#write(key, 'save', kept.value, terms), ...condition }, value, kept);
      },
    });
    return updated as V;
  }

  /**
   * Notes a change of the value, whatever that is; changes of one key are put together, and none is lost or made twice by
   * us. Reads give the value with the change from now on. Rejects as `set` does.
   */
  async merge(key: K, change: D, options?: WriteOptions): Promise<void> {
    const { merger } = this.#parts;
    if (merger === undefined) {
      throw invalid(
        `resource '${this.name}'`,
        'has no `merge`; give writeBehind({ merge: { ...addition, saveMany } })',
      );
    }
    checkDefined(change, this.name, 'merge');
    this.engine.check(key);
    const terms = this.#terms('merge', options);
    await this.engine.note(key, () => merger.merge(keyText(key), change, terms));
    await this.#tell(keyText(key));
  }

  /**
   * Resolves once every write that was accepted before, by whatever process, is in the source or a dead letter; rejects
   * with what the writer threw, losing nothing.
   */
  flush(): Promise<void> {
    return this.#parts.flusher.flush();
  }

  /** How many keys the source does not have the newest value of, as the ledger last told. */
  get dirty(): number {
    return this.#parts.figures.dirty;
  }

  /** What the ledger holds now. Rejects with `LEDGER_UNAVAILABLE`. */
  backlog(): Promise<LedgerFigures> {
    return this.#parts.book.stats();
  }

  /** What happened to the reads and writes of this resource in this process, and what memory holds of it. */
  override stats(): ResourceStats & { readonly writes: WriteStats } {
    return { ...super.stats(), writes: this.#parts.figures.snapshot() };
  }

  /** Writes that were given up, the oldest first, `max` (default 100) of them after the one of the id `after`. */
  async listDead(options?: { max?: number; after?: string }): Promise<DeadLetter[]> {
    const rules = { max: withDefault(integer(1, 10_000), 100), after: optional(idRule) };
    const { max, after } = parseOptions(`resource '${this.name}': listDead`, options, rules);
    const { book, payloads } = this.#parts;
    const letters = await book.dead(max, after);
    return letters.map(({ id, key, op, payload, version, attempts, error }) => {
      const value = op === 'remove' ? null : payloads.decode(payload);
      return { id, key, op, value, version, attempts, error };
    });
  }

  /**
   * Has dead letters tried again, under the versions they had; a merge under a new one. `superseded` are those of a key
   * that is dirty anew, `busy` merges of a key that has others waiting, `gone` those that are none.
   */
  async redrive(...ids: string[]): Promise<('redriven' | 'superseded' | 'busy' | 'gone')[]> {
    const { book, flusher } = this.#parts;
    const outcomes = await Promise.all(ids.map((id) => book.redrive(id)));
    if (outcomes.includes('redriven')) flusher.noted((await book.stats()).dirty);
    return outcomes;
  }

  /** Drops dead letters for good; gives how many there were. */
  async discard(...ids: string[]): Promise<number> {
    const found = await Promise.all(ids.map((id) => this.#parts.book.discard(id)));
    return found.filter(Boolean).length;
  }

  /** @internal For `startFlusher`: begins to bring to the source what is due, and keeps the process alive. */
  startFlushing(): void {
    this.#parts.flusher.start(true);
  }

  async #note(key: K, write: DirtyWrite, value: unknown, kept: Kept): Promise<boolean> {
    let isNoted = false;
    const put = async (): Promise<void> => {
      isNoted = (await this.#parts.acceptor.accept(write)).state === 'accepted';
    };
    await this.engine.note(key, put, value, kept);
    if (isNoted) await this.#tell(keyText(key));
    return isNoted;
  }

  /** Where memories of other processes are told of changes, they are told of this one, once readers find it. */
  async #tell(key: string): Promise<void> {
    if (this.#shared?.trust.hears) await this.#shared.evict([key]);
  }

  #write(key: K, op: 'save' | 'remove', value: unknown, terms: Terms): DirtyWrite {
    const payload = op === 'remove' ? new Uint8Array() : this.#parts.payloads.encode(value);
    return { key: keyText(key), op, payload, ...terms };
  }

  #terms(method: string, options: WriteOptions | undefined): Terms {
    if (options === undefined) return { durability: this.#parts.durability };
    const where = `resource '${this.name}': ${method}`;
    const rules = { durability: withDefault(durabilityRule, this.#parts.durability), opId: optional(operationName) };
    const { durability, opId } = parseOptions(where, options, rules);
    checkPromise(this.#parts.ledger, durability, `${where}: durability`);
    return { durability, operation: opId };
  }
}

type Terms = Pick<DirtyWrite, 'operation' | 'durability'>;

const operationName: OptionRule<string> = (value, where) => {
  if (typeof value === 'string' && value.length > 0 && value.length <= 200 && !/\s/.test(value)) return value;
  throw invalid(where, 'must be a name of 1 to 200 characters without spaces, such as a UUID');
};

const idRule: OptionRule<string> = (value, where) => {
  if (typeof value === 'string') return value;
  throw invalid(where, 'must be the id of a dead letter');
};
