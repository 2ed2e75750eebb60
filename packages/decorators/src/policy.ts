import { policyRules as coreRules, type ResourceOptions } from '@cache/core';

/** How values are kept: the options of a resource of `@cache/core`, but for those that depend on a method's arguments. */
export type PolicyOptions = Omit<ResourceOptions<never, never>, 'tags' | 'type' | 'revive' | 'dehydrate'>;

const { tags: _tags, type: _type, revive: _revive, dehydrate: _dehydrate, ...rest } = coreRules;

/** The rules of `PolicyOptions`. */
export const policyRules = rest;

/** What `policyRules` parse to. */
export type Policy = { readonly [name in keyof typeof policyRules]: ReturnType<(typeof policyRules)[name]> };

/** What the method says, and where it says nothing, what its class says. */
export function mergePolicies(ofMethod: Policy, ofClass: Policy | undefined): Policy {
  const said = Object.entries(ofMethod).filter(([, value]) => value !== undefined);
  return { ...ofClass, ...Object.fromEntries(said) } as Policy;
}
