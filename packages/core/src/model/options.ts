import { parseDuration } from './duration.ts';
import { CacheError, kindOf, shown } from './errors.ts';

/** Turns what was given for one option into what is used, or throws. `undefined` means that it was not given. */
export type OptionRule<T> = (value: unknown, where: string) => T;

type Rules = Record<string, OptionRule<unknown>>;
type Parsed<R extends Rules> = { readonly [name in keyof R]: ReturnType<R[name]> };

/**
 * Reads the options of `owner` by its rules.
 *
 * @throws CacheError `UNKNOWN_OPTION` with the nearest name, or what a rule throws.
 */
export function parseOptions<R extends Rules>(owner: string, given: unknown, rules: R): Parsed<R> {
  if (given !== undefined && (typeof given !== 'object' || given === null || Array.isArray(given))) {
    throw invalid(owner, `takes one object of options, such as { ${Object.keys(rules)[0] ?? ''}: … }`);
  }
  const options = (given ?? {}) as Record<string, unknown>;
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(rules, name)) throw unknownOption(owner, name, Object.keys(rules));
  }
  const parsed: Record<string, unknown> = {};
  for (const [name, rule] of Object.entries(rules)) {
    parsed[name] = rule(Object.hasOwn(options, name) ? options[name] : undefined, `${owner}: ${name}`);
  }
  return parsed as Parsed<R>;
}

/** An `INVALID_OPTION` error whose sentence begins with the place it is about. */
export function invalid(where: string, sentence: string): CacheError {
  return new CacheError('INVALID_OPTION', `${where} ${sentence}`);
}

export function required<T>(rule: OptionRule<T>, example: string): OptionRule<T> {
  return (value, where) => {
    if (value === undefined) throw invalid(where, `is missing; write ${example}`);
    return rule(value, where);
  };
}

export function optional<T>(rule: OptionRule<T>): OptionRule<T | undefined> {
  return (value, where) => (value === undefined ? undefined : rule(value, where));
}

export function withDefault<T>(rule: OptionRule<T>, fallback: T): OptionRule<T> {
  return (value, where) => (value === undefined ? fallback : rule(value, where));
}

export const duration: OptionRule<number> = parseDuration;

export const positiveDuration: OptionRule<number> = (value, where) => {
  const ms = parseDuration(value, where);
  if (ms === 0) throw invalid(where, 'must be longer than zero');
  return ms;
};

/** A function of type `F`; only that it is callable can be checked. */
export function func<F>(): OptionRule<F> {
  return (value, where) => {
    if (typeof value !== 'function') throw invalid(where, `must be a function, not ${kindOf(value)}`);
    return value as F;
  };
}

/** An instance made elsewhere (a store, a clock): it must have the named methods. */
export function having<T>(what: string, ...methods: string[]): OptionRule<T> {
  return (value, where) => {
    const found = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
    if (found === undefined || methods.some((name) => typeof found[name] !== 'function')) {
      throw invalid(where, `must be ${what}, not ${kindOf(value)}`);
    }
    return value as T;
  };
}

export function integer(min: number, max: number): OptionRule<number> {
  return (value, where) => {
    if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
      throw invalid(where, `must be a whole number from ${min} to ${max}, not ${shown(value)}`);
    }
    return value as number;
  };
}

export function flag(value: unknown, where: string): boolean {
  if (typeof value === 'boolean') return value;
  throw invalid(where, `must be true or false, not ${shown(value)}`);
}

export function fraction(value: unknown, where: string): number {
  if (typeof value !== 'number' || !(value >= 0 && value <= 1)) {
    throw invalid(where, `must be a number from 0 to 1, not ${shown(value)}`);
  }
  return value;
}

export function oneOf<T extends string>(...choices: T[]): OptionRule<T> {
  return (value, where) => {
    if (!choices.includes(value as T)) {
      throw invalid(where, `must be ${choices.map((choice) => `'${choice}'`).join(' or ')}, not ${shown(value)}`);
    }
    return value as T;
  };
}

/** A name that can stand in keys, metrics and access rules as it is. */
export function identifier(value: unknown, where: string): string {
  if (typeof value !== 'string' || !/^[A-Za-z0-9_.-]{1,100}$/.test(value)) {
    throw invalid(where, 'must be 1 to 100 letters, digits, "_", "." or "-"');
  }
  return value;
}

function unknownOption(owner: string, name: string, known: readonly string[]): CacheError {
  return new CacheError('UNKNOWN_OPTION', `${owner} has no option '${name.slice(0, 60)}'; ${insteadOf(name, known)}`);
}

/** What to write instead of a name that does not exist: the nearest that does, or one of all. */
export function insteadOf(name: string, known: readonly string[]): string {
  const nearest = known.map((other) => ({ other, far: distance(name, other) })).sort((a, b) => a.far - b.far)[0];
  const isNear = nearest !== undefined && nearest.far <= Math.max(2, name.length / 3);
  return isNear ? `did you mean '${nearest.other}'?` : `it has ${known.map((other) => `'${other}'`).join(', ')}`;
}

/** Levenshtein's edit distance, without regard to case. */
function distance(left: string, right: string): number {
  const a = left.slice(0, 60).toLowerCase();
  const b = right.toLowerCase();
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, swap));
    }
    row = next;
  }
  return row[b.length]!;
}
