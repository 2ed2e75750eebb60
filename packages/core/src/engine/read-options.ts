import type { Duration } from '../model/duration.ts';
import { flag, invalid, optional, parseOptions, positiveDuration, withDefault } from '../model/options.ts';

/** What one `get` may ask for. */
export interface ReadOptions {
  /**
   * Passes by what is cached: the value comes from a load that begins after this call, and replaces what is cached.
   * Calls that come while a load is under way share the next one. Default false.
   */
  fresh?: boolean;
  /** Ends this call's wait, not the load, which others may share; the call rejects with the signal's reason. */
  signal?: AbortSignal;
  /** How long the value is fresh if this call has to load it, instead of the resource's `ttl`. */
  ttl?: Duration;
}

/** The rules of `ReadOptions`. */
export const readRules = {
  ttl: optional(positiveDuration),
  fresh: withDefault(flag, false),
  signal: optional(signalRule),
};

/** Reads the options of one `get`. */
export function parseRead(
  owner: string,
  options: unknown,
): {
  readonly [name in keyof typeof readRules]: ReturnType<(typeof readRules)[name]>;
} {
  return parseOptions(owner, options, readRules);
}

// Not by `instanceof`: a test runner or a polyfill has a class of its own.
function signalRule(value: unknown, where: string): AbortSignal {
  const signal = value as Partial<AbortSignal> | null;
  if (typeof signal === 'object' && signal !== null && typeof signal.addEventListener === 'function') {
    return signal as AbortSignal;
  }
  throw invalid(where, 'must be an AbortSignal, such as AbortSignal.timeout(200)');
}
