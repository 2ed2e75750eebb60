import { type AnyClass, CacheError, identifier, parseOptions, required } from '@cache/core';
import { lineage } from './declared-methods.ts';
import { type CacheOption, cacheRule } from './cache-option.ts';
import { mergePolicies, type Policy, type PolicyOptions, policyRules } from './policy.ts';
import { processWide } from './process-wide.ts';

export interface CacheResourceOptions extends PolicyOptions {
  /** The resource of every method that has no `name` of its own. Not the name of the class, which minifiers change. */
  name: string;
  /** Default: `this.cache`, or what `setDefaultCache` was given. */
  cache?: CacheOption;
}

/** What `@CacheResource` says of a class. */
export interface ClassOptions {
  readonly home: object;
  readonly name: string;
  readonly cache: CacheOption | undefined;
  readonly policy: Policy;
}

const byHome = processWide('class options', () => new WeakMap<object, ClassOptions>());

/**
 * Names what the methods of a class cache, and gives them defaults. A class that extends this one shares the name, and
 * with it the cached values, unless it has a `@CacheResource` of its own; what that leaves open is as it is here.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`, `INVALID_DURATION`.
 */
export function CacheResource(
  options: CacheResourceOptions,
): <C extends AnyClass>(target: C, context?: ClassDecoratorContext<C>) => void {
  const { name, cache, ...policy } = parseOptions('@CacheResource', options, {
    ...policyRules,
    name: required(identifier, "name: 'user'"),
    cache: cacheRule,
  });
  return (...given: readonly unknown[]) => {
    const [target, second] = given;
    if (typeof target !== 'function' || (second !== undefined && (second as { kind?: unknown }).kind !== 'class')) {
      throw new CacheError(
        'INVALID_OPTION',
        '@CacheResource goes on a class; on a method write @Cached, @Updates or @Evicts',
      );
    }
    const home = target.prototype as object;
    byHome.set(home, { home, name, cache, policy });
  };
}

/** What the nearest class that says anything says, from that of `home` upwards; what it leaves open, the next one says. */
export function classOptionsOf(home: object): ClassOptions | undefined {
  const said = lineage(home).flatMap((each) => byHome.get(each) ?? []);
  return said.reduceRight<ClassOptions | undefined>(
    (above, { cache, policy, ...own }) => ({
      ...own,
      cache: cache ?? above?.cache,
      policy: mergePolicies<Policy>(policy, above?.policy),
    }),
    undefined,
  );
}
