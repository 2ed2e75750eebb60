import { func, invalid, optional } from '@cache/core';
import { type MethodInstances, methodInstances } from './instances.ts';

/** How instances come back: by `type`, or by functions of the user's own. */
export interface Revival {
  readonly type: MethodInstances | undefined;
  readonly revive: ((plain: unknown) => unknown) | undefined;
  readonly dehydrate: ((value: unknown) => unknown) | undefined;
}

/** The rules of the options that say it. */
export const revivalRules = {
  type: (value: unknown) => value,
  groups: optional(groupsRule),
  revive: optional(func<(plain: unknown) => unknown>()),
  dehydrate: optional(func<(value: unknown) => unknown>()),
};

interface RevivalOptions extends Omit<Revival, 'type'> {
  readonly type: unknown;
  readonly groups: readonly string[] | undefined;
  readonly isolation: unknown;
}

/** @throws CacheError `INVALID_OPTION` where two of them are at odds. */
export function revivalOf({ type, groups, revive, dehydrate, isolation }: RevivalOptions): Revival {
  const given = type === undefined ? revive && '`revive`' : '`type`';
  if (type !== undefined && revive !== undefined) {
    throw invalid('@Cached', 'has both `type` and `revive`; `revive` alone makes what callers get');
  }
  if (given !== undefined && isolation !== undefined) {
    throw invalid(
      '@Cached',
      `has both ${given} and \`isolation\`; instances are always fresh, leave \`isolation\` out`,
    );
  }
  if (given === undefined && dehydrate !== undefined) {
    throw invalid('@Cached', 'has `dehydrate` without `revive`; give both, or neither');
  }
  if (groups !== undefined && type === undefined) {
    throw invalid('@Cached', 'has `groups` without `type`; write type: () => User');
  }
  return { type: type === undefined ? undefined : methodInstances(type, groups), revive, dehydrate };
}

function groupsRule(value: unknown, where: string): readonly string[] {
  if (Array.isArray(value) && value.every((group) => typeof group === 'string')) return value;
  throw invalid(where, "must be an array of the groups of class-transformer, such as groups: ['admin']");
}
