import { type Cache, having, invalid, optional, type OptionRule, parseOptions, required } from '@cache/core';
import type { IgnoresCookie } from './http/credentials.ts';
import { isToken } from './http/fields.ts';
import type { QueryRule } from './http/query.ts';
import { type Normalise, normalised } from './http/vary.ts';

/** A cache of `@cache/core`; of whatever copy of the package, so it is known by what it can do. */
export const cacheRule = required(
  having<Cache>('a cache made by createCache()', 'resource', 'invalidateTags', 'evict'),
  'cache: createCache()',
);

/** The cookies that do not matter, as a test by name. */
export function cookiesRule(value: unknown, where: string): IgnoresCookie {
  if (value === undefined) return () => false;
  if (!isObject(value)) throw invalid(where, "is { ignore: ['theme', /^_ga/] }");
  const isName = (each: unknown): boolean => typeof each === 'string' || each instanceof RegExp;
  const names = listRule<string | RegExp>(isName, "must be an array of names and patterns, such as ['theme', /^_ga/]");
  const { ignore } = parseOptions(where, value, { ignore: required(names, "ignore: ['theme', /^_ga/]") });
  const exact = new Set(ignore.filter((each) => typeof each === 'string'));
  const patterns = ignore.filter((each) => each instanceof RegExp);
  // A pattern with the flag `g` or `y` remembers where it stopped; `search` does not.
  return (name) => exact.has(name) || patterns.some((pattern) => name.search(pattern) >= 0);
}

/** The query parameters that count, or those that do not. */
export function queryRule(value: unknown, where: string): QueryRule {
  const wrong = (): Error => invalid(where, "is either { allow: ['page'] } or { ignore: ['utm_source'] }");
  if (!isObject(value)) throw wrong();
  const isName = (each: unknown): boolean => typeof each === 'string';
  const names = optional(listRule<string>(isName, "must be an array of names, such as ['page']"));
  const { allow, ignore } = parseOptions(where, value, { allow: names, ignore: names });
  if (allow !== undefined && ignore === undefined) return { allow: new Set(allow) };
  if (ignore !== undefined && allow === undefined) return { ignore: new Set(ignore) };
  throw wrong();
}

/** Request fields that are in every key, and what of request fields counts. */
export function varyRule(value: unknown, where: string): { keyedFields: readonly string[]; normalise: Normalise } {
  const wrong = (): Error =>
    invalid(where, "must be request fields, such as ['accept-language'], or functions by field that say what counts");
  if (value === undefined) return { keyedFields: [], normalise: normalised };
  // Of a response `*` says that nothing tells its requests apart; of a request it says nothing.
  const isName = (each: unknown): each is string => typeof each === 'string' && isToken(each) && each !== '*';
  if (Array.isArray(value)) {
    if (!value.every(isName)) throw wrong();
    return { keyedFields: [...new Set(value.map((name) => name.toLowerCase()))].sort(), normalise: normalised };
  }
  if (!isObject(value)) throw wrong();
  const byField = new Map<string, Counts>();
  for (const [name, counts] of Object.entries(value)) {
    if (!isName(name) || typeof counts !== 'function') throw wrong();
    byField.set(name.toLowerCase(), counts as Counts);
  }
  const normalise: Normalise = (name, field) => {
    const counts = byField.get(name);
    return counts === undefined ? normalised(name, field) : counts(field);
  };
  return { keyedFields: [...byField.keys()].sort(), normalise };
}

type Counts = (value: string | undefined) => string | undefined;

function listRule<T>(fits: (each: unknown) => boolean, sentence: string): OptionRule<readonly T[]> {
  return (value, where) => {
    if (Array.isArray(value) && value.every(fits)) return value as T[];
    throw invalid(where, sentence);
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
