import { type ResourceOptions, policyRules } from '../engine/policy.ts';
import { type SourceOptions, sourceOf, sourceRules } from '../engine/source-options.ts';
import type { DirtyItem, DirtyKey, ItemWriter } from '../engine/source-writer.ts';
import type { Duration } from '../model/duration.ts';
import type { Durability, Ledger } from '../model/ledger.ts';
import type { Key } from '../model/key.ts';
import {
  flag,
  func,
  having,
  integer,
  invalid,
  oneOf,
  optional,
  type OptionRule,
  parseOptions,
  positiveDuration,
  required,
  withDefault,
} from '../model/options.ts';

/** How changes are merged that need not know the value; see `addition`. In whatever order they come, the outcome is one. */
export interface MergeOptions<V, D> {
  /** Two changes as one. */
  combine: (one: D, other: D) => D;
  /** The value after the change, for readers; `null` where the source has none. */
  apply: (value: V | null, change: D) => V;
  /** Merges a batch of changes into what the source has, one per key. */
  saveMany: ItemWriter<DirtyItem<D>>;
}

export interface WriteBehindOptions<K, V, D = never> extends ResourceOptions<K, V>, SourceOptions<K, V> {
  /**
   * Saves a batch, one newest value per key. It may tell what came of each by an array of `WriteResult`. If it rejects for
   * a source that is away, all are tried again; else it is called with the halves, to find out which it is about.
   */
  saveMany: ItemWriter<DirtyItem<V>>;
  /** Removes a batch of keys; without it the resource has no `remove`. */
  removeMany?: ItemWriter<DirtyKey>;
  /** Without it the resource has no `merge`. */
  merge?: MergeOptions<V, D>;
  /** Where writes wait. */
  ledger: Ledger;
  flush?: {
    /** How long after the first unwritten write of a key. Default two seconds. */
    after?: Duration;
    /** The most keys of a batch; as many unwritten ones go at once. Default 500. */
    max?: number;
    /** Whether this process writes to the source as well; false where others do, by `startFlusher`. Default true. */
    inProcess?: boolean;
    /** How long a worker that fell silent keeps what it has taken from the others. Default 30 seconds. */
    lease?: Duration;
  };
  retry?: {
    /** How often a record is refused before it is a dead letter. Default 10. */
    attempts?: number;
    /** The most before the first repetition; it doubles with each. Default 100 ms. */
    first?: Duration;
    /** Default 30 seconds. */
    longest?: Duration;
    /** Whether an error tells of the source alone, and of no record. Default: by Node's codes and SQLSTATE. */
    isTransient?: (error: unknown) => boolean;
  };
  backPressure?: {
    /** What a write of a clean key does when there are `max` dirty ones: wait for its turn (the default), reject, or go to the source itself. */
    mode?: 'wait' | 'reject' | 'writeThrough';
    /** The most unwritten keys, or per shard. Default 100 000. */
    max?: number;
    /** The same while a write has been waiting for longer: the source does not take them. Default: for ever. */
    maxAge?: Duration;
    /** How long it waits. Default five seconds. */
    deadline?: Duration;
  };
  /** How sure a write is when `set` resolves. Default `'accepted'`. */
  durability?: Durability;
  /** Who wins where the source has a newer version than the one to be written. Default: the source. */
  onConflict?: (item: DirtyItem<V>, sourceVersion: number | undefined) => 'source' | 'ours';
}

const mergeRules = {
  combine: required(func<(one: unknown, other: unknown) => unknown>(), 'merge: { ...addition, saveMany }'),
  apply: required(func<(value: unknown, change: unknown) => unknown>(), 'merge: { ...addition, saveMany }'),
  saveMany: required(func<ItemWriter<DirtyItem<unknown>>>(), 'saveMany: (items) => db.views.addMany(items)'),
};

/** @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`, `INVALID_DURATION`. */
export function parseWriteBehind<K extends Key, V, D>(options: WriteBehindOptions<K, V, D>) {
  const parsed = parseOptions('writeBehind', options, {
    ...policyRules,
    ...sourceRules<K>(),
    saveMany: required(func<ItemWriter<DirtyItem<unknown>>>(), 'saveMany: (items) => db.views.saveMany(items)'),
    removeMany: optional(func<ItemWriter<DirtyKey>>()),
    merge: optional((value, where) => parseOptions(where, value, mergeRules)),
    ledger: required(having<Ledger>('a ledger, such as memoryLedger()', 'open'), 'ledger: memoryLedger()'),
    flush: (value, where) =>
      parseOptions(where, value, {
        after: withDefault(positiveDuration, 2_000),
        max: withDefault(integer(1, 100_000), 500),
        inProcess: withDefault(flag, true),
        lease: withDefault(leaseRule, 30_000),
      }),
    retry: (value, where) =>
      parseOptions(where, value, {
        attempts: withDefault(integer(1, 1_000_000), 10),
        first: withDefault(positiveDuration, 100),
        longest: withDefault(positiveDuration, 30_000),
        isTransient: optional(func<(error: unknown) => boolean>()),
      }),
    backPressure: (value, where) =>
      parseOptions(where, value, {
        mode: withDefault(oneOf('wait', 'reject', 'writeThrough'), 'wait'),
        max: withDefault(integer(1, 100_000_000), 100_000),
        maxAge: optional(positiveDuration),
        deadline: withDefault(positiveDuration, 5_000),
      }),
    durability: withDefault(durabilityRule, 'accepted'),
    onConflict: optional(func<(item: DirtyItem<unknown>, version: number | undefined) => 'source' | 'ours'>()),
  });
  checkPromise(parsed.ledger, parsed.durability, 'writeBehind: durability');
  return { ...parsed, source: sourceOf('writeBehind', parsed) };
}

export const durabilityRule: OptionRule<Durability> = (value, where) => {
  if (value === 'accepted' || value === 'fsynced') return value;
  const { replicated } = (typeof value === 'object' && value !== null ? value : {}) as { replicated?: unknown };
  if (Number.isInteger(replicated) && (replicated as number) > 0) return { replicated: replicated as number };
  throw invalid(where, "must be 'accepted', 'fsynced' or { replicated: 1 }, the number of replicas");
};

/** @throws CacheError `INVALID_OPTION` where the ledger cannot promise it. */
export function checkPromise(ledger: Ledger, durability: Durability, where: string): void {
  if (durability === 'accepted') return;
  const wanted = durability === 'fsynced' ? 'fsynced' : 'replicated';
  if (ledger.durability.includes(wanted)) return;
  const has = ["'accepted'", ...ledger.durability.map((each) => `'${each}'`)].join(' and ');
  throw invalid(where, `cannot be '${wanted}' with the ${ledger.name} ledger, which knows ${has}`);
}

/** Three heartbeats and a round trip have to fit. */
const leaseRule: OptionRule<number> = (value, where) => {
  const ms = positiveDuration(value, where);
  if (ms < 100) throw invalid(where, "must be '100ms' or more");
  return ms;
};
