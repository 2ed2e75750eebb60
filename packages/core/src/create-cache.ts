import cluster from 'node:cluster';
import { Cache } from './cache.ts';
import { type FreshnessOptions, freshnessRules } from './engine/policy.ts';
import type { Bus } from './model/bus.ts';
import { type Clock, systemClock } from './model/clock.ts';
import type { Duration } from './model/duration.ts';
import {
  duration,
  flag,
  func,
  having,
  identifier,
  integer,
  invalid,
  optional,
  parseOptions,
  positiveDuration,
  withDefault,
} from './model/options.ts';
import type { Serializer } from './model/serializer.ts';
import type { LocalStore, SharedStore, Store } from './model/store.ts';
import { nativeSerializer } from './serializers/native-serializer.ts';
import { memoryStore } from './stores/memory/memory-store.ts';

export interface CacheOptions {
  /** Every key of a shared tier begins with it; nothing else is ever touched. Default `'cache'`. */
  namespace?: string;
  /** Of the shape of the values: an entry that was stored under another version is a miss. Default 0. */
  version?: number;
  /** From near to far: a memory store, a shared store, or a memory store before a shared one. Default `[memoryStore()]`. */
  tiers?: readonly Store[];
  /** What resources have that do not say otherwise. */
  defaults?: FreshnessOptions & {
    /** Default `'5m'`. */
    ttl?: Duration;
  };
  /**
   * For how long memory may serve a value without asking the shared tier again: what a change by another process can
   * cost, at most. Default `'1s'`. Without a shared tier it has no meaning.
   */
  maxLocalStaleness?: Duration;
  /**
   * Carries word of changes between processes, such as `redisBus({ url })`: what one changes, the memories of the others
   * forget at once. While it is heard, memory is not asked to look again; when it is not, `maxLocalStaleness` bounds what
   * that can cost. Default: none.
   */
  bus?: Bus;
  /** False makes a cache whose reads all ask the source, as after `cache.disable()`. Default true. */
  enabled?: boolean;
  /** How values become bytes in a shared tier. Default: JSON, and Node's structured-clone format for what JSON cannot say. */
  serializer?: Serializer;
  /** Where time comes from. Default: the system's clock. */
  clock?: Clock;
  /** From 0 up to 1. Default: `Math.random`. */
  random?: () => number;
}

/**
 * Makes a cache. Without options it is in memory alone, and complete.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`, `INVALID_DURATION`.
 */
export function createCache(options: CacheOptions = {}): Cache {
  const parsed = parseOptions('createCache', options, {
    namespace: withDefault(identifier, 'cache'),
    version: withDefault(integer(0, 2 ** 32 - 1), 0),
    tiers: tiersRule,
    defaults: (value) =>
      parseOptions('createCache: defaults', value, { ...freshnessRules, ttl: withDefault(positiveDuration, 300_000) }),
    bus: optional(having<Bus>('a bus, such as redisBus({ url })', 'open')),
    enabled: withDefault(flag, true),
    maxLocalStaleness: withDefault(duration, 1_000),
    serializer: withDefault(having<Serializer>('a serializer', 'encode', 'decode'), nativeSerializer),
    clock: withDefault(having<Clock>('a clock', 'now', 'setTimer'), systemClock),
    random: withDefault(func<() => number>(), Math.random),
  });
  const { tiers, ...settings } = parsed;
  if (settings.bus !== undefined && (tiers.local === undefined || tiers.shared === undefined)) {
    const sentence =
      'tells memories of changes in a shared tier: it needs tiers such as [memoryStore(), redisStore({ url })]';
    throw invalid('createCache: bus', sentence);
  }
  if (settings.bus !== undefined && settings.maxLocalStaleness < shortestStaleness) {
    throw invalid('createCache: maxLocalStaleness', `must be '${shortestStaleness}ms' or more where there is a bus`);
  }
  if (tiers.shared === undefined && settings.enabled && cluster.isWorker) warnOfApartness();
  return new Cache({ ...settings, ...tiers });
}

/** The bus has to be heard several times within it. */
const shortestStaleness = 100;

let warned = false;

/** What one worker changes, the memories of the others go on giving until it is over. Told once per process. */
function warnOfApartness(): void {
  if (warned) return;
  warned = true;
  const sentence =
    'a cache in memory alone, in a worker of node:cluster, shares nothing with the other workers: what they change is not ' +
    'seen before its ttl is over; put a shared store behind memory, such as redisStore({ url })';
  process.emitWarning(sentence, 'CacheWarning');
}

/** A cache that keeps nothing, for tests: every read asks the source. */
export function noCache(): Cache {
  return createCache({ enabled: false });
}

interface Tiers {
  readonly local: LocalStore | undefined;
  readonly shared: SharedStore | undefined;
}

function tiersRule(value: unknown, where: string): Tiers {
  if (value === undefined) return { local: memoryStore(), shared: undefined };
  if (!Array.isArray(value) || value.length === 0) {
    throw invalid(where, 'must be an array of one or two stores, such as [memoryStore(), redisStore({ url })]');
  }
  const stores = value.map((each: unknown, index) => storeRule(each, `${where}[${index}]`));
  const [first, second] = stores;
  if (stores.length > 2 || (second !== undefined && (first!.scope !== 'process' || second.scope !== 'shared'))) {
    throw invalid(where, 'go from near to far, at most one memory store and then at most one shared store');
  }
  const shared = stores.find((store) => store.scope === 'shared');
  if (shared?.capabilities.conditionalFill === false) {
    throw invalid(
      where,
      `cannot have '${shared.name}': it does not compare leases, so a late write could bury a newer one`,
    );
  }
  return { local: stores.find((store) => store.scope === 'process'), shared };
}

function storeRule(value: unknown, where: string): Store {
  const store = having<Store>('a store, such as memoryStore()', 'open')(value, where);
  if (store.scope === 'process' || store.scope === 'shared') return store;
  throw invalid(where, "must be a store whose scope is 'process' or 'shared'");
}
