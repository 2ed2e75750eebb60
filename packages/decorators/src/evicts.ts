import { type Cache, func, invalid, type Key, oneOf, optional, parseOptions, withDefault } from '@cache/core';
import { run } from './declaration.ts';
import { methodDecorator } from './method-decorator.ts';
import { type ChangeOptions, changeRules } from './method-options.ts';
import { resourcesIn } from './resources.ts';
import type { MethodDecorator } from './signature.ts';
import { tagsBy, tagsRule } from './tags.ts';

/** When a method's evictions happen; see `EvictsOptions`. */
export type EvictionTiming = 'after-success' | 'before' | 'both';

export interface EvictsOptions<A extends readonly unknown[]> extends ChangeOptions {
  /** What to evict, by the arguments. */
  key?: (...args: A) => Key;
  /** The tags to invalidate, fixed or by the arguments, in the whole cache. */
  tags?: readonly string[] | ((...args: A) => readonly string[]);
  /** Evicts every value of the resource. */
  all?: boolean;
  /**
   * `'after-success'` (the default): once the method has succeeded; `'before'`: before it runs; `'both'`: before it, and
   * after it even if it failed. A `key` is evicted before and after unless this is `'before'`.
   */
  timing?: EvictionTiming;
}

/**
 * Runs a method that changes the source, and forgets what it makes outdated. A `key` is evicted before the method runs and
 * stays empty until it is done: a process that dies meanwhile leaves it missing, not stale, and a method that fails leaves
 * it missing too. For `tags` and `all` that would have to be asked for by `timing: 'both'`.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`.
 */
export function Evicts<A extends readonly unknown[]>(
  options: EvictsOptions<A>,
): MethodDecorator<A, unknown, never, never> {
  const { key, tags, all, timing, ...rest } = parseOptions('@Evicts', options, {
    ...changeRules,
    key: optional(func<(...args: readonly unknown[]) => Key>()),
    tags: optional(tagsRule),
    all: withDefault(flag, false),
    timing: withDefault(oneOf<EvictionTiming>('after-success', 'before', 'both'), 'after-success'),
  });
  if (key === undefined && tags === undefined && !all) {
    throw invalid('@Evicts', 'needs to be told what: `key`, such as key: (id) => id, or `tags`, or all: true');
  }
  if (key !== undefined && all) throw invalid('@Evicts', 'has both `key` and `all`; all: true says it all');

  return methodDecorator({ decorator: '@Evicts', keeping: undefined, ...rest }, async (bound, self, args) => {
    const { declaration } = bound;
    // All that can be wrong with the options has to be known before the method changes anything.
    const resource = key === undefined && !all ? undefined : bound.resource;
    const at = key === undefined ? undefined : resource!.keyFor(key(...args));
    const names = tagsBy(tags, ...args);
    const change = (): Promise<unknown> => run(declaration, self, args);
    const forgetMany = async (): Promise<void> => {
      if (all) await resource!.clear();
      if (names.length > 0) await invalidate(bound.cache, names);
    };

    // What was written before must not reach the source after the change.
    await resource?.settle();
    if (timing !== 'after-success') await forgetMany();
    if (timing === 'before') {
      if (key !== undefined) await resource!.evict(at!);
      return change();
    }
    let succeeded = false;
    try {
      const result = await (key === undefined ? change() : resource!.mutate(at!, change));
      succeeded = true;
      return result;
    } finally {
      if (succeeded || timing === 'both') await forgetMany();
    }
  });
}

async function invalidate(cache: Cache, tags: readonly string[]): Promise<void> {
  for (const resource of resourcesIn(cache)) resource.changedElsewhere();
  await cache.invalidateTags(...tags);
}

function flag(value: unknown, where: string): boolean {
  if (typeof value === 'boolean') return value;
  throw invalid(where, 'must be true or false');
}
