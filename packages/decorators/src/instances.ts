import { type AnyClass, CacheError, type Conversion, type Instances, instancesOf, policyRules } from '@cache/core';
import { loadTransformer, type Transformer } from './class-transformer.ts';

/** The instances that a `@Cached` method gives. */
export interface MethodInstances {
  readonly instances: Instances;
  /** Resolves once they can be made; rejects where a package is missing. */
  readonly ready: () => Promise<void>;
}

/**
 * Instances by the blueprint: of classes that have decorators of class-transformer by that, of all others without it. The
 * package is loaded when the first value is asked for, and may be missing unless there are `groups`.
 *
 * @throws CacheError `INVALID_OPTION`.
 */
export function methodInstances(type: unknown, groups: readonly string[] | undefined): MethodInstances {
  policyRules.type(type, '@Cached: type');
  let transformer: Transformer | undefined;
  const conversionOf = (each: AnyClass): Conversion | undefined =>
    transformer?.concerns(each) === true ? transformer.conversionOf(each, groups) : undefined;
  return {
    instances: instancesOf('@Cached', type as () => unknown, conversionOf),
    ready: async () => {
      transformer ??= await loadTransformer();
      if (transformer === undefined && groups !== undefined) throw missing();
    },
  };
}

function missing(): CacheError {
  const sentence =
    '`groups` needs the package class-transformer; install it: npm install class-transformer reflect-metadata';
  return new CacheError('MISSING_PACKAGE', sentence);
}
