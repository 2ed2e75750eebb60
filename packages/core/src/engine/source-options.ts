import { func, integer, invalid, optional, type OptionRule, parseOptions, withDefault } from '../model/options.ts';
import { batched } from './batched.ts';
import { bulkhead } from './bulkhead.ts';
import type { Loader, ManyLoader, Source } from './source.ts';

/** How a resource gets values from its system of record: by `load`, by `loadMany`, or by either. */
export interface SourceOptions<K, V> {
  load?: Loader<K, V>;
  loadMany?: ManyLoader<K, V>;
  /**
   * Gathers the loads of one turn of the event loop into one `loadMany`, of at most `max` keys (by default 100), as
   * DataLoader does: for callers that cannot use `getMany`. Default: off.
   */
  batch?: boolean | { max?: number };
  /** The most loads that run at once in this process, a `loadMany` being one; further ones wait their turn. Default: no limit. */
  maxConcurrentLoads?: number;
}

/** What `sourceRules` parse to. */
export interface ParsedSource<K> extends Source<K> {
  readonly batch: number | undefined;
  readonly maxConcurrentLoads: number | undefined;
}

/** The rules of `SourceOptions`, for a strategy to add its own to. */
export function sourceRules<K>(): {
  readonly [name in keyof ParsedSource<K>]-?: OptionRule<ParsedSource<K>[name]>;
} {
  return {
    load: optional(func<Loader<K, unknown>>()),
    loadMany: optional(func<ManyLoader<K, unknown>>()),
    batch: batchRule,
    maxConcurrentLoads: optional(integer(1, 1_000_000)),
  };
}

/**
 * The source that the options describe.
 *
 * @throws CacheError `INVALID_OPTION` where there is neither loader, or `batch` without `loadMany`.
 */
export function sourceOf<K>(owner: string, { load, loadMany, batch, maxConcurrentLoads }: ParsedSource<K>): Source<K> {
  if (load === undefined && loadMany === undefined) {
    throw invalid(owner, 'needs `load`, such as load: (id) => db.users.find(id), or `loadMany`');
  }
  if (batch !== undefined && loadMany === undefined) {
    throw invalid(owner, 'has `batch` without `loadMany`; give loadMany: (ids) => db.users.findMany(ids)');
  }
  const source = { load, loadMany };
  const limited = maxConcurrentLoads === undefined ? source : bulkhead(source, maxConcurrentLoads);
  return batch === undefined ? limited : batched(limited, batch);
}

function batchRule(value: unknown, where: string): number | undefined {
  if (value === undefined || value === false) return undefined;
  const { max } = parseOptions(where, value === true ? undefined : value, {
    max: withDefault(integer(1, 100_000), 100),
  });
  return max;
}
