import { CacheError, type Eviction, type Key, type Peek } from '@cache/core';
import { Binding } from './binding.ts';
import { classOptionsOf } from './cache-resource.ts';
import { run } from './declaration.ts';
import { declarationsOf } from './declared-methods.ts';
import type { MethodResource } from './method-resource.ts';
import { mergePolicies, type Policy } from './policy.ts';
import { scopedKey } from './scope.ts';
import { homeOf } from './site.ts';

/** The names of the async methods of an object, or of the static ones of a class. */
type AsyncMethodOf<T> = { [N in keyof T]: T[N] extends (...args: never[]) => Promise<unknown> ? N : never }[keyof T];
type ArgsOf<M> = M extends (...args: infer P) => Promise<unknown> ? P : never;
type ValueOf<M> = M extends (...args: never[]) => Promise<infer V> ? V : never;

/** What a `@Cached` method has cached, by the arguments that it is called with. */
export interface MethodCache<A extends readonly unknown[], V> {
  /** The key that these arguments have, within the scope of this call. */
  key(...args: A): Key;
  /** What the tiers have for these arguments. It never calls the method. */
  peek(...args: A): Promise<Peek<V>>;
  /** Deletes the value for these arguments in all tiers; see `Resource.evict`. */
  evict(...args: A): Promise<Eviction>;
  /**
   * Runs the method, whatever is cached, and caches what it gives; until then others are given what is cached. Calls that
   * come while it runs share the next run.
   */
  refresh(...args: A): Promise<V>;
  /** Calls the method as if it were not decorated. */
  bypass(...args: A): Promise<V>;
  /** Forgets every value of the resource, in constant time. */
  clear(): Promise<Eviction>;
}

/**
 * What a `@Cached` method of an object has cached; for a static method give the class. Its functions reject with a
 * `CacheError` where the method itself would.
 *
 * @throws CacheError `INVALID_OPTION` where the method is not decorated with `@Cached`.
 */
export function cacheOf<T extends object, N extends AsyncMethodOf<T>>(
  service: T,
  method: N,
): MethodCache<ArgsOf<T[N]>, ValueOf<T[N]>> {
  const isStatic = typeof service === 'function';
  const declaration = declarationsOf(homeOf(service) ?? {}).findLast(
    ({ keeping, site }) =>
      keeping !== undefined && site.name === method && site.isStatic === isStatic && !site.isPrivate,
  );
  if (declaration === undefined) {
    throw new CacheError('INVALID_OPTION', `cacheOf: ${String(method)}() is not decorated; put @Cached on it`);
  }
  const binding = new Binding(declaration);
  const resource = (): MethodResource => binding.of(service).resource;
  const key = (...args: readonly unknown[]): Key => {
    const { keyOf, policy } = declaration.keeping!;
    return scopedKey(mergePolicies<Policy>(policy, classOptionsOf(homeOf(service)!)?.policy).scope, keyOf(args));
  };
  const handle: MethodCache<unknown[], unknown> = {
    key,
    peek: async (...args) => resource().peek(key(...args)),
    evict: async (...args) => resource().evict(key(...args)),
    refresh: async (...args) => {
      const { load } = declaration.keeping!;
      return resource().reload(key(...args), (_key, context) =>
        load(() => run(declaration, service, args), args, context),
      );
    },
    bypass: async (...args) => run(declaration, service, args),
    clear: async () => resource().clear(),
  };
  return handle as MethodCache<ArgsOf<T[N]>, ValueOf<T[N]>>;
}
