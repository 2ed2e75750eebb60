import { policyRules as coreRules, type ResourceOptions } from '@cache/core';
import { type ScopeOption, scopeRule } from './scope.ts';

/** How values are kept: the options of a resource of `@cache/core`, but for those that depend on a method's arguments. */
export interface PolicyOptions extends Omit<ResourceOptions<never, never>, 'tags' | 'type' | 'revive' | 'dehydrate'> {
  /**
   * Whose values a call is about, such as `() => tenants.getStore()?.id`: each has values of its own. It is asked at each
   * call, and a call without one rejects.
   */
  scope?: ScopeOption;
}

const { tags: _tags, type: _type, revive: _revive, dehydrate: _dehydrate, ...rest } = coreRules;

/** The rules of `PolicyOptions`. */
export const policyRules = { ...rest, scope: scopeRule };

/** What `policyRules` parse to. */
export type Policy = { readonly [name in keyof typeof policyRules]: ReturnType<(typeof policyRules)[name]> };

/** What the first says, and where it says nothing, what the second says. */
export function mergePolicies<P extends object>(first: Partial<P>, second: Partial<P> | undefined): P {
  const said = Object.entries(first).filter(([, value]) => value !== undefined);
  return { ...second, ...Object.fromEntries(said) } as P;
}
