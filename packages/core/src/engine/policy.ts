import type { Duration } from '../model/duration.ts';
import { isWellFormed } from '../model/key.ts';
import {
  duration,
  fraction,
  func,
  having,
  invalid,
  oneOf,
  optional,
  type OptionRule,
  parseOptions,
  positiveDuration,
} from '../model/options.ts';
import { type Blueprint, type Instances, instancesOf } from './instances.ts';
import { isolation, type Isolation, type IsolationMode, rebuilt, revived, withoutClasses } from './isolation.ts';
import type { StandardSchema } from './schema.ts';
import { userTag } from './tag-clocks.ts';

/** Tags of an entry: fixed, or computed from the value and its key. They are not computed for `null`. */
export type Tags<K, V> = readonly string[] | ((value: NonNullable<V>, key: K) => readonly string[]);

/** How long values are used, and what is done about sources that are slow or fail. Defaults of a cache have them too. */
export interface FreshnessOptions {
  /** How long `null` is fresh. Default: as long as `ttl`. */
  negativeTtl?: Duration;
  /** How long an error of the loader is given to later callers too, instead of asking it again. Default 0: not at all. */
  errorTtl?: Duration;
  /**
   * For how long after the end of its freshness a value is given out at once, while one load in the background
   * replaces it (RFC 5861). Default 0.
   */
  staleWhileRevalidate?: Duration;
  /**
   * For how long after the end of its freshness a value is given out where the loader fails, or takes longer than a
   * time-out (RFC 5861, stale-if-error). The source is then left alone for `errorTtl`, or for one second. Default 0.
   */
  grace?: Duration;
  /**
   * Refreshes values that are read shortly before the end of their freshness, the earlier the longer their load takes:
   * XFetch, with the given beta (`true` is 1, the optimum of the paper). Default: off.
   */
  refreshAhead?: boolean | number;
  /** The fraction of `ttl` that is cut off at random, so that what was loaded together does not expire together. Default 0.1. */
  jitter?: number;
  /** Memory forgets a value that has not been read for so long. Default: never. */
  maxIdle?: Duration;
  timeout?: {
    /** After so long a stale value is given out, if there is one within `grace`; the load goes on. Default: never. */
    soft?: Duration;
    /** After so long a load is aborted, and rejects with `LOAD_TIMEOUT`. Default one minute. */
    hard?: Duration;
  };
}

/** What every resource can be told, whatever its strategy. */
export interface ResourceOptions<K, V> extends FreshnessOptions {
  /**
   * How long a value is fresh, or a function that tells it of each value. Default: the cache's `defaults.ttl`, five
   * minutes if that is not given either.
   */
  ttl?: Duration | ((value: NonNullable<V>, key: K) => Duration);
  tags?: Tags<K, V>;
  /** See `IsolationMode`. Default `'freeze'`. */
  isolation?: IsolationMode;
  /**
   * The class of the value, or where in it instances are (see `Blueprint`): callers get them with the fields that were
   * kept and without their constructor having run. `#private` fields need `revive`.
   */
  type?: () => Blueprint;
  /** Makes what callers get out of the plain data that tiers keep, at each load and each hit: for class instances. */
  revive?: (plain: never) => V;
  /** Makes plain data of a loaded value, for `revive` and `type`. Default: its own enumerable fields, all the way down. */
  dehydrate?: (value: NonNullable<V>) => unknown;
  /**
   * What plain data out of a shared tier has to look like, as a Standard Schema (zod, valibot, arktype …). What it
   * refuses is a miss, told by the event `invalidValue`. It changes no value.
   */
  schema?: StandardSchema;
}

/** What a resource falls back on. */
export type Defaults = ParsedFreshness & { readonly ttl: number };

/** The options of a resource as the engine uses them, in milliseconds. What is off is zero, or infinite. */
export interface Policy {
  /** `undefined`: as long as `ttlOf` says of `null`. */
  readonly negativeTtl: number | undefined;
  readonly errorTtl: number;
  readonly staleWhileRevalidate: number;
  readonly grace: number;
  /** XFetch's beta; 0 is off. */
  readonly refreshAhead: number;
  readonly jitter: number;
  readonly maxIdle: number;
  readonly softTimeout: number;
  readonly hardTimeout: number;
  readonly isolation: Isolation;
  readonly schema: StandardSchema | undefined;
  /** @throws whatever the user's own function throws, or CacheError `INVALID_DURATION`. */
  ttlOf(value: unknown, key: unknown): number;
  /** @throws whatever the user's own function throws, or CacheError `INVALID_OPTION`. */
  tagsOf(value: unknown, key: unknown): readonly string[];
  /** Whether a value of that key may turn out to have the tag, as far as can be told before it is there. Default: any may. */
  readonly mayHave: MayHave | undefined;
}

type MayHave = (tag: string, key: string) => boolean;

type TagFunction = (value: unknown, key: unknown) => unknown;

/** The rules of `FreshnessOptions`. */
export const freshnessRules = {
  negativeTtl: optional(duration),
  errorTtl: optional(duration),
  staleWhileRevalidate: optional(duration),
  grace: optional(duration),
  refreshAhead: optional(betaRule),
  jitter: optional(fraction),
  maxIdle: optional(positiveDuration),
  timeout: optional((value, where) =>
    parseOptions(where, value, { soft: optional(positiveDuration), hard: optional(positiveDuration) }),
  ),
};

/** What `freshnessRules` parse to. */
export type ParsedFreshness = Parsed<typeof freshnessRules>;

/** The rules of `ResourceOptions`, for a strategy to add its own to. */
export const policyRules = {
  ...freshnessRules,
  ttl: optional((value, where) =>
    typeof value === 'function' ? (value as TagFunction) : positiveDuration(value, where),
  ),
  tags: optional((value, where) => (typeof value === 'function' ? (value as TagFunction) : checkTags(value, where))),
  isolation: optional(oneOf<IsolationMode>('freeze', 'clone', 'shared')),
  type: optional(typeRule),
  revive: optional(func<(plain: unknown) => unknown>()),
  dehydrate: optional(func<(value: unknown) => unknown>()),
  schema: optional(schemaRule),
};

/** What `policyRules` parse to. */
export type PolicyOptions = Partial<Parsed<typeof policyRules>> & {
  /**
   * For strategies that know it: whether a value of that key may turn out to have the tag. Of a load that brings none that
   * was invalidated others need not be kept. Default: any may.
   */
  readonly mayHave?: MayHave;
};

type Parsed<R extends Record<string, OptionRule<unknown>>> = { readonly [name in keyof R]: ReturnType<R[name]> };

const minute = 60_000;

/**
 * Joins a resource's options with the cache's defaults.
 *
 * @throws CacheError `INVALID_OPTION` where two options are at odds.
 */
export function policyOf(owner: string, options: PolicyOptions, defaults: Defaults): Policy {
  const ttl = options.ttl ?? defaults.ttl;
  const soft = options.timeout?.soft ?? defaults.timeout?.soft ?? Infinity;
  const hard = options.timeout?.hard ?? defaults.timeout?.hard ?? minute;
  const grace = options.grace ?? defaults.grace ?? 0;
  if (options.timeout?.soft !== undefined && grace === 0) {
    throw invalid(owner, "has `timeout.soft` without `grace`: there is no old value to give out; add grace: '1h', say");
  }
  if (soft !== Infinity && soft >= hard) throw invalid(owner, 'must have a `timeout.soft` below its `timeout.hard`');
  return {
    negativeTtl: options.negativeTtl ?? defaults.negativeTtl,
    errorTtl: options.errorTtl ?? defaults.errorTtl ?? 0,
    staleWhileRevalidate: options.staleWhileRevalidate ?? defaults.staleWhileRevalidate ?? 0,
    grace,
    refreshAhead: options.refreshAhead ?? defaults.refreshAhead ?? 0,
    jitter: options.jitter ?? defaults.jitter ?? 0.1,
    maxIdle: options.maxIdle ?? defaults.maxIdle ?? Infinity,
    softTimeout: soft,
    hardTimeout: hard,
    isolation: isolationOf(owner, options),
    schema: options.schema,
    ttlOf: typeof ttl === 'function' ? ttlOf(owner, ttl, defaults.ttl) : () => ttl,
    tagsOf: tagsOf(owner, options.tags),
    mayHave: options.mayHave,
  };
}

/** The same policy, but for how long values are fresh. */
export function fixedTtl(policy: Policy, ttl: number): Policy {
  return { ...policy, ttlOf: () => ttl };
}

/** Tags as a caller may give them: as an array, or one by one. */
export function checkTags(value: unknown, where: string, form: 'array' | 'arguments' = 'array'): readonly string[] {
  const fine = (tag: unknown): boolean =>
    typeof tag === 'string' && tag.length > 0 && tag.length <= 200 && isWellFormed(tag);
  if (Array.isArray(value) && value.length <= 100 && value.every(fine)) return value as string[];
  const most = 'at most 100, each of 1 to 200 characters (well-formed Unicode)';
  if (form === 'arguments') throw invalid(where, `takes tags as arguments, ${most}, such as ('org:7', 'eur')`);
  throw invalid(where, `must be an array of tags, ${most}, such as ['org:7']`);
}

/** It is not asked of `null`, as it is not of the tags: both are told of values. */
function ttlOf(owner: string, ttl: TagFunction, ofNull: number): Policy['ttlOf'] {
  return (value, key) => (value === null ? ofNull : positiveDuration(ttl(value, key), `${owner}: ttl`));
}

function tagsOf(owner: string, tags: readonly string[] | TagFunction | undefined): Policy['tagsOf'] {
  if (typeof tags !== 'function') {
    const fixed = (tags ?? []).map(userTag);
    return () => fixed;
  }
  return (value, key) => (value === null ? [] : checkTags(tags(value, key), `${owner}: tags`).map(userTag));
}

function isolationOf(owner: string, { type, revive, dehydrate, isolation: mode }: PolicyOptions): Isolation {
  if (type !== undefined && revive !== undefined) {
    throw invalid(owner, 'has both `type` and `revive`; `revive` alone makes what callers get');
  }
  if (type === undefined && revive === undefined) {
    if (dehydrate !== undefined) throw invalid(owner, 'has `dehydrate` without `revive`; give both, or neither');
    return isolation(mode ?? 'freeze');
  }
  if (mode !== undefined) {
    const given = type === undefined ? 'revive' : 'type';
    const sentence = `has both \`${given}\` and \`isolation\`; instances are always fresh ones, leave \`isolation\` out`;
    throw invalid(owner, sentence);
  }
  if (type !== undefined) return rebuilt(type, dehydrate ?? type.dehydrate);
  return revived(dehydrate ?? withoutClasses, revive!);
}

function betaRule(value: unknown, where: string): number {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number' && value > 0 && value <= 100) return value;
  throw invalid(where, 'must be true, or the beta of XFetch as a number above 0 and up to 100, such as 1');
}

function typeRule(value: unknown, where: string): Instances {
  // Of all functions only classes have a prototype that cannot be replaced.
  const isClass =
    typeof value === 'function' && Object.getOwnPropertyDescriptor(value, 'prototype')?.writable === false;
  if (typeof value === 'function' && !isClass) return instancesOf(where, value as () => unknown);
  throw invalid(
    where,
    'must be a function that gives the class, so that it may be declared later; write type: () => User',
  );
}

function schemaRule(value: unknown, where: string): StandardSchema {
  const inner = typeof value === 'object' || typeof value === 'function' ? (value as StandardSchema | null) : null;
  having('a Standard Schema, as zod, valibot and arktype make them', 'validate')(inner?.['~standard'], where);
  return value as StandardSchema;
}
