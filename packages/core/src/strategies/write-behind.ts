import { DirtyOverlay } from '../engine/dirty-overlay.ts';
import { Flusher } from '../engine/flusher.ts';
import { type ResourceOptions, policyRules } from '../engine/policy.ts';
import { Resource, type ResourceParts } from '../engine/resource.ts';
import { type SourceOptions, sourceOf, sourceRules } from '../engine/source-options.ts';
import type { Strategy } from '../engine/strategy.ts';
import type { Duration } from '../model/duration.ts';
import type { DirtyRecord, Ledger, LedgerBook } from '../model/ledger.ts';
import { type Key, keyText } from '../model/key.ts';
import {
  func,
  having,
  integer,
  invalid,
  optional,
  parseOptions,
  positiveDuration,
  required,
  withDefault,
} from '../model/options.ts';
import { checkDefined } from '../model/value.ts';

/** One value of a batch that is to reach the source. */
export interface DirtyItem<V> {
  /** The key as text, whatever type it was given in. */
  readonly key: string;
  readonly value: V;
  /** Rises with every write of a key. */
  readonly version: number;
}

export interface WriteBehindOptions<K, V> extends ResourceOptions<K, V>, SourceOptions<K, V> {
  /** Saves a batch, one newest value per key. If it rejects, the whole batch is tried again. */
  saveMany: (items: readonly DirtyItem<V>[]) => Promise<unknown>;
  /** Removes a batch of keys; without it the resource has no `remove`. */
  removeMany?: (keys: readonly string[]) => Promise<unknown>;
  /** Where writes wait. */
  ledger: Ledger;
  /** When they go: `after` their first write (default two seconds), or as soon as `max` keys wait (default 500). */
  flush?: { after?: Duration; max?: number };
}

/**
 * Write-behind, also called write-back: `set` resolves once the ledger has the write, and the source gets the newest
 * value of each key later, in batches. Reads see what was written at once. What outlives a crash is the ledger's promise.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`, `INVALID_DURATION`.
 */
export function writeBehind<K extends Key, V>(options: WriteBehindOptions<K, V>): Strategy<WriteBehindResource<K, V>> {
  const { saveMany, removeMany, ledger, flush, ...rest } = parseOptions('writeBehind', options, {
    ...policyRules,
    ...sourceRules<K>(),
    saveMany: required(
      func<(items: readonly DirtyItem<V>[]) => Promise<unknown>>(),
      'saveMany: (items) => db.views.saveMany(items)',
    ),
    removeMany: optional(func<(keys: readonly string[]) => Promise<unknown>>()),
    ledger: required(having<Ledger>('a ledger, such as memoryLedger()', 'open'), 'ledger: memoryLedger()'),
    flush: (value) =>
      parseOptions('writeBehind: flush', value, {
        after: withDefault(positiveDuration, 2_000),
        max: withDefault(integer(1, 100_000), 500),
      }),
  });
  const source = sourceOf('writeBehind', rest);
  return {
    open(context) {
      const { name, clock, events, random } = context;
      const book = ledger.open({ resource: name, clock, due: flush.after });
      const parts = context.parts(
        rest,
        source,
        (far, isolation) => new DirtyOverlay(book, clock, (value) => isolation.adopt(value), far),
      );
      const writer = new BatchWriter<K, V>(parts, saveMany, removeMany);
      const flusher = new Flusher({
        resource: name,
        book,
        clock,
        events,
        random,
        max: flush.max,
        write: (records) => writer.write(records),
      });
      context.onClose((ms) => flusher.drain(ms));
      return new WriteBehindResource<K, V>(parts, book, flusher, removeMany !== undefined);
    },
  };
}

export class WriteBehindResource<K extends Key, V> extends Resource<K, V> {
  readonly #book: LedgerBook;
  readonly #flusher: Flusher;
  readonly #removes: boolean;

  constructor(parts: ResourceParts<K>, book: LedgerBook, flusher: Flusher, removes: boolean) {
    super(parts);
    this.#book = book;
    this.#flusher = flusher;
    this.#removes = removes;
  }

  /**
   * Notes the write; every read of this process sees it from now on, and the source gets it with a later batch.
   *
   * @throws CacheError `UNDEFINED_VALUE`, `UNSTORABLE_VALUE`, `INVALID_KEY`, `CLOSED`.
   */
  async set(key: K, value: V): Promise<void> {
    checkDefined(value, this.name, 'set');
    await this.#note(key, 'save', value);
  }

  /** Notes the removal; reads give `null` from now on. */
  async remove(key: K): Promise<void> {
    if (!this.#removes) {
      throw invalid(`resource '${this.name}'`, 'has no `remove`; give writeBehind({ removeMany: (ids) => … })');
    }
    await this.#note(key, 'remove', null);
  }

  /** Resolves once every write noted so far is in the source; rejects with what the writer threw, losing nothing. */
  flush(): Promise<void> {
    return this.#flusher.flush();
  }

  /** How many keys the source does not have the newest value of. */
  get dirty(): number {
    return this.#book.dirty;
  }

  async #note(key: K, op: 'save' | 'remove', value: unknown): Promise<void> {
    this.engine.check(key);
    const kept = this.engine.isolation.keep(value);
    await this.#book.put({ key: keyText(key), op, value: kept.value });
    this.engine.place(key, value, kept);
    this.#flusher.wake();
  }
}

/** Brings a batch to the source, and keeps the shared tier from serving or filling what it replaces meanwhile. */
class BatchWriter<K extends Key, V> {
  readonly #parts: ResourceParts<K>;
  readonly #saveMany: (items: readonly DirtyItem<V>[]) => Promise<unknown>;
  readonly #removeMany: ((keys: readonly string[]) => Promise<unknown>) | undefined;

  constructor(
    parts: ResourceParts<K>,
    saveMany: (items: readonly DirtyItem<V>[]) => Promise<unknown>,
    removeMany: ((keys: readonly string[]) => Promise<unknown>) | undefined,
  ) {
    this.#parts = parts;
    this.#saveMany = saveMany;
    this.#removeMany = removeMany;
  }

  async write(records: readonly DirtyRecord[]): Promise<void> {
    const { shared } = this.#parts;
    if (shared === undefined) return this.#save(records);
    const marked = await Promise.all(
      records.map(async ({ key }) => ({ key, marker: await shared.mark(key, shared.budget()) })),
    );
    try {
      await this.#save(records);
    } finally {
      await Promise.all(marked.map(({ key, marker }) => shared.commit(key, marker, undefined)));
    }
  }

  async #save(records: readonly DirtyRecord[]): Promise<void> {
    const { isolation } = this.#parts.engine;
    const items = records
      .filter(({ op }) => op === 'save')
      .map(({ key, value, version }) => ({ key, version, value: isolation.forWriter(isolation.adopt(value)) as V }));
    const removed = records.filter(({ op }) => op === 'remove').map(({ key }) => key);
    if (items.length > 0) await this.#saveMany(items);
    if (removed.length > 0) await this.#removeMany!(removed);
  }
}
