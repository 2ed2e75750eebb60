import { canonicalKey, func, invalid, type Key, type LoadContext, optional, parseOptions } from '@cache/core';
import { run } from './declaration.ts';
import { type Class, instancesOf } from './instances.ts';
import { type Call, methodDecorator } from './method-decorator.ts';
import { type MethodOptions, methodRules } from './method-options.ts';
import { type PolicyOptions, policyRules } from './policy.ts';
import type { MethodDecorator } from './signature.ts';
import { tagsBy, tagsRule } from './tags.ts';

export interface CachedOptions<A extends readonly unknown[], R, E> extends MethodOptions, PolicyOptions {
  /** What the value is cached under, by the arguments. Default: `canonicalKey` of all arguments. */
  key?: (...args: A) => Key;
  /**
   * The class of the value, or of the items of an array: what the method gives becomes instances by class-transformer,
   * after a hit and after a miss alike. Without it, class instances reach the caller but are not cached, which an
   * `unstorable` event and a process warning tell.
   */
  type?: () => Class<E>;
  /** Tags of every value, or computed from value (`null` too) and arguments. */
  tags?: readonly string[] | ((result: R, ...args: A) => readonly string[]);
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
export function Cached<A extends readonly unknown[], R = unknown, E = never>(
  options: CachedOptions<A, R, E> = {},
): MethodDecorator<A, R, E> {
  const { name, cache, key, type, tags, when, unless, ...policy } = parseOptions('@Cached', options, {
    ...policyRules,
    ...methodRules,
    key: optional(func<(...args: readonly unknown[]) => Key>()),
    type: optional(func<() => Class<object>>()),
    tags: optional(tagsRule),
    when: optional(func<(...args: readonly unknown[]) => unknown>()),
    unless: optional(func<(...given: readonly unknown[]) => unknown>()),
  });
  if (type !== undefined && policy.isolation !== undefined) {
    throw invalid('@Cached', 'has both `type` and `isolation`; instances are always fresh, leave `isolation` out');
  }
  const instances = type === undefined ? undefined : instancesOf(type);
  const keyOf = (args: readonly unknown[]): Key => (key === undefined ? canonicalKey(args) : key(...args));
  const keeping = { keyOf, policy, instances, tags };

  const load = async ({ declaration, self, args }: Call, context: LoadContext<Key>): Promise<unknown> => {
    const result = await run(declaration, self, args);
    if (result === undefined) return result;
    if (unless?.(result, ...args)) {
      context.skip();
      return instances === undefined || result === null ? result : instances.revive(instances.dehydrate(result));
    }
    context.setTags(...tagsBy(tags, result, ...args));
    return result;
  };

  return methodDecorator({ decorator: '@Cached', name, cache, of: undefined, keeping }, (call) => {
    const { declaration, bound, self, args } = call;
    if (bound.replaced || (when !== undefined && !when(...args))) return run(declaration, self, args);
    const { resource } = bound;
    const at = keyOf(args);
    return resource.hit(at) ?? resource.miss(at, (_key, context) => load(call, context));
  });
}
