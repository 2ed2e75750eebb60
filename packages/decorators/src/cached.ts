import { type Blueprint, canonicalKey, func, type Key, optional, parseOptions, type Strategy } from '@cache/core';
import { run } from './declaration.ts';
import type { Keeping } from './keeping.ts';
import { methodDecorator } from './method-decorator.ts';
import { type MethodOptions, methodRules } from './method-options.ts';
import type { Methods } from './methods.ts';
import { type PolicyOptions, policyRules } from './policy.ts';
import { revivalOf, revivalRules } from './revival.ts';
import type { MethodDecorator } from './signature.ts';
import { tagsBy, tagsRule } from './tags.ts';

export interface CachedOptions<A extends readonly unknown[], R, B extends Blueprint, I>
  extends MethodOptions, PolicyOptions {
  /** What the value is cached under, by the arguments. Default: `canonicalKey` of all arguments. */
  key?: (...args: A) => Key;
  /**
   * The class of the value, of the items of an array or Set, or of the values of a Map; `{ items: User }` for what holds
   * instances in its fields, `[User, { address: Address }]` for instances that do. What the method gives becomes instances
   * after a hit and after a miss alike, by class-transformer where its decorators are on the class. Without it, class
   * instances reach the caller but are not cached, which an `unstorable` event and a process warning tell.
   */
  type?: () => B;
  /** The groups of class-transformer that fields are exposed to. */
  groups?: readonly string[];
  /** Instead of `type`: makes what callers get of the plain data that is kept, at each load and each hit. */
  revive?: (plain: never) => I;
  /** Makes plain data of what the method gave, for `revive`. Default: its own enumerable fields, all the way down. */
  dehydrate?: (value: never) => unknown;
  /** Tags of every value, or computed from value (`null` too) and arguments. */
  tags?: readonly string[] | ((result: R, ...args: A) => readonly string[]);
  /**
   * The strategy of the resource, over this method and that of `@Updates`, such as
   * `({ load, save }) => writeThrough({ load, save })`. Default: cache-aside. What it says of options counts where this
   * method says nothing.
   */
  strategy?: (methods: Methods) => Strategy<unknown>;
  /** Where it gives false, the method is called as if it were not decorated. */
  when?: (...args: A) => boolean;
  /** Where it gives true, the value reaches its callers and is not cached. */
  unless?: (result: R, ...args: A) => boolean;
}

/**
 * Caches what a method gives: a fresh value is given without calling it, and calls of one key share one run, on the
 * object of the first. `null` is cached, `undefined` is not, an error reaches the callers and is not cached. A store that
 * fails never fails the method.
 *
 * All objects of a class share the cached values: what the method gives has to depend on its arguments alone.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`, `INVALID_DURATION`.
 */
export function Cached<A extends readonly unknown[], R = unknown, B extends Blueprint = never, I = never>(
  options: CachedOptions<A, R, B, I> = {},
): MethodDecorator<A, R, B, I> {
  const { name, cache, key, type, groups, revive, dehydrate, tags, strategy, when, unless, ...policy } = parseOptions(
    '@Cached',
    options,
    {
      ...policyRules,
      ...methodRules,
      key: optional(func<(...args: readonly unknown[]) => Key>()),
      ...revivalRules,
      tags: optional(tagsRule),
      strategy: optional(func<(methods: Methods) => Strategy<unknown>>()),
      when: optional(func<(...args: readonly unknown[]) => unknown>()),
      unless: optional(func<(...given: readonly unknown[]) => unknown>()),
    },
  );
  const revival = revivalOf({ type, groups, revive, dehydrate, isolation: policy.isolation });
  const keyOf = (args: readonly unknown[]): Key => (key === undefined ? canonicalKey(args) : key(...args));
  const load: Keeping['load'] = async (run, args, context) => {
    const result = await run();
    if (result === undefined) return result;
    if (unless?.(result, ...args)) context.skip();
    else context.setTags(...tagsBy(tags, result, ...args));
    return result;
  };
  const keeping: Keeping = { keyOf, policy, revival, tags, strategy, load };

  return methodDecorator({ decorator: '@Cached', name, cache, of: undefined, keeping }, (bound, self, args) => {
    const { declaration } = bound;
    if (bound.replaced || (when !== undefined && !when(...args))) return run(declaration, self, args);
    const { resource } = bound;
    const at = resource.keyFor(keyOf(args));
    return (
      resource.hit(at) ?? resource.miss(at, (_key, context) => load(() => run(declaration, self, args), args, context))
    );
  });
}
