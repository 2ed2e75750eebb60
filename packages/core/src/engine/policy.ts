import type { Duration } from '../model/duration.ts';
import {
  duration,
  fraction,
  func,
  invalid,
  oneOf,
  optional,
  type OptionRule,
  positiveDuration,
} from '../model/options.ts';
import { isolation, type Isolation, type IsolationMode, revived, withoutClasses } from './isolation.ts';
import { isWellFormed } from '../model/key.ts';
import { userTag } from './tag-clocks.ts';

/** Tags of an entry: fixed, or computed from the value and its key. They are not computed for `null`. */
export type Tags<K, V> = readonly string[] | ((value: NonNullable<V>, key: K) => readonly string[]);

/** What every resource can be told, whatever its strategy. */
export interface ResourceOptions<K, V> {
  /** How long a value is fresh. Default: the cache's `defaults.ttl`, five minutes if that is not given either. */
  ttl?: Duration;
  /** How long `null` is fresh. Default: as long as `ttl`. */
  negativeTtl?: Duration;
  /** The fraction of `ttl` that is cut off at random, so that what was loaded together does not expire together. Default 0.1. */
  jitter?: number;
  tags?: Tags<K, V>;
  /** See `IsolationMode`. Default `'freeze'`. */
  isolation?: IsolationMode;
  /** Makes what callers get out of the plain data that tiers keep, at each load and each hit: for class instances. */
  revive?: (plain: never) => V;
  /** Makes plain data of a loaded value, for `revive`. Default: its own enumerable fields, all the way down. */
  dehydrate?: (value: NonNullable<V>) => unknown;
}

/** What a resource falls back on. */
export interface Defaults {
  readonly ttl: number;
  readonly jitter: number;
  readonly negativeTtl: number | undefined;
}

/** The options of a resource as the engine uses them, in milliseconds. */
export interface Policy {
  readonly ttl: number;
  readonly negativeTtl: number;
  readonly jitter: number;
  readonly isolation: Isolation;
  /** @throws whatever the user's own function throws. */
  tagsOf(value: unknown, key: unknown): readonly string[];
}

const tagsRule: OptionRule<readonly string[] | TagFunction> = (value, where) =>
  typeof value === 'function' ? (value as TagFunction) : checkTags(value, where);

type TagFunction = (value: unknown, key: unknown) => unknown;

/** The rules of `ResourceOptions`, for a strategy to add its own to. */
export const policyRules = {
  ttl: optional(positiveDuration),
  negativeTtl: optional(duration),
  jitter: optional(fraction),
  tags: optional(tagsRule),
  isolation: optional(oneOf<IsolationMode>('freeze', 'clone', 'shared')),
  revive: optional(func<(plain: unknown) => unknown>()),
  dehydrate: optional(func<(value: unknown) => unknown>()),
};

/** What `policyRules` parse to. */
export type PolicyOptions = { readonly [name in keyof typeof policyRules]: ReturnType<(typeof policyRules)[name]> };

/**
 * Joins a resource's options with the cache's defaults.
 *
 * @throws CacheError `INVALID_OPTION` where two options are at odds.
 */
export function policyOf(owner: string, options: PolicyOptions, defaults: Defaults): Policy {
  const ttl = options.ttl ?? defaults.ttl;
  const { tags } = options;
  const fixed = Array.isArray(tags) ? (tags as readonly string[]).map(userTag) : [];
  return {
    ttl,
    negativeTtl: options.negativeTtl ?? defaults.negativeTtl ?? ttl,
    jitter: options.jitter ?? defaults.jitter,
    isolation: isolationOf(owner, options),
    tagsOf: (value, key) =>
      typeof tags === 'function' && value !== null ? checkTags(tags(value, key), `${owner}: tags`).map(userTag) : fixed,
  };
}

/** Tags as a caller may give them. */
export function checkTags(value: unknown, where: string): readonly string[] {
  const fine = (tag: unknown): boolean =>
    typeof tag === 'string' && tag.length > 0 && tag.length <= 200 && isWellFormed(tag);
  if (Array.isArray(value) && value.length <= 100 && value.every(fine)) return value as string[];
  throw invalid(
    where,
    "must be an array of at most 100 tags of 1 to 200 characters (well-formed Unicode), such as ['org:7']",
  );
}

function isolationOf(owner: string, options: PolicyOptions): Isolation {
  const { revive, dehydrate, isolation: mode } = options;
  if (revive === undefined) {
    if (dehydrate !== undefined) throw invalid(owner, 'has `dehydrate` without `revive`; give both, or neither');
    return isolation(mode ?? 'freeze');
  }
  if (mode !== undefined) {
    throw invalid(
      owner,
      'has both `revive` and `isolation`; revived values are always fresh instances, leave `isolation` out',
    );
  }
  return revived(dehydrate ?? withoutClasses, revive);
}
