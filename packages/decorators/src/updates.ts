import { type CacheError, func, invalid, type Key, optional, parseOptions } from '@cache/core';
import { type Declaration, inWords, run } from './declaration.ts';
import { methodDecorator } from './method-decorator.ts';
import { type ChangeOptions, changeRules } from './method-options.ts';
import type { MethodDecorator } from './signature.ts';
import { tagsBy, tagsRule } from './tags.ts';

export interface UpdatesOptions<A extends readonly unknown[], R> extends ChangeOptions {
  /**
   * What the result is cached under, computed after the method ran, from result and arguments; `undefined` for "nothing
   * to cache". What holds of the time between is told at `Updates`. Either this or `keyBefore`.
   */
  key?: (result: R, ...args: A) => Key | undefined;
  /** The same, computed from the arguments before the method runs: safe against crashes and overlapping writers. */
  keyBefore?: (...args: A) => Key;
  /**
   * What is written, by the arguments, where that is not the result: for methods that give nothing, and for strategies that
   * write by themselves, which have to know it before the method runs.
   */
  value?: (...args: A) => unknown;
  /** Tags of the cached result, as in `@Cached`; needed where that computes tags. */
  tags?: readonly string[] | ((result: R, ...args: A) => readonly string[]);
}

/**
 * Runs a method that changes the source, then caches its result for the `@Cached` method of the same name. A result of
 * `undefined` evicts the key. An error reaches the caller and nothing is cached.
 *
 * With `keyBefore` the key is empty from before the method runs until its result is cached, in every process; where writers
 * overlap, it stays empty. With `key` that is known only afterwards: until the method has returned the old value is served,
 * and if the process dies in that moment or the method fails half way, until its `ttl` is over. Another writer of the same
 * key that overlaps in this process is noticed, and the key evicted; one in another process is not, and the older
 * of the two results may stay until its `ttl` is over.
 *
 * Several on one method each cache under their key, and so do an override and the method that it calls by `super`; where
 * these have the same key they count as writers that overlap, and leave it empty. Where the strategy writes by itself they
 * are one write then, that of the override.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`.
 */
export function Updates<A extends readonly unknown[], R = unknown>(
  options: UpdatesOptions<A, R>,
): MethodDecorator<A, R, never, never> {
  const { key, keyBefore, value, tags, ...rest } = parseOptions('@Updates', options, {
    ...changeRules,
    key: optional(func<(...given: readonly unknown[]) => Key | undefined>()),
    keyBefore: optional(func<(...args: readonly unknown[]) => Key>()),
    value: optional(func<(...args: readonly unknown[]) => unknown>()),
    tags: optional(tagsRule),
  });
  if ((key === undefined) === (keyBefore === undefined)) {
    throw invalid(
      '@Updates',
      'needs one of `key`, such as key: (user) => user.id, and `keyBefore`, such as keyBefore: (id) => id',
    );
  }

  return methodDecorator({ decorator: '@Updates', keeping: undefined, ...rest }, (bound, self, args) => {
    const { declaration } = bound;
    const change = (): Promise<unknown> => run(declaration, self, args);
    const { resource } = bound;
    const ofCached = resource.keeping.tags;
    if (tags === undefined && typeof ofCached === 'function') throw tagsMissing(declaration);
    const tagsOf = (result: unknown): readonly string[] => [
      ...(typeof ofCached === 'function' ? [] : tagsBy(ofCached)),
      ...tagsBy(tags, result, ...args),
    ];
    if (resource.writesItself) {
      if (keyBefore === undefined || value === undefined) throw writeMissing(declaration, resource.name);
      const written = value(...args);
      return resource.put(resource.keyFor(keyBefore(...args)), written, change, tagsOf(written));
    }
    const valueOf = (result: unknown): unknown => (value === undefined ? result : value(...args));
    if (keyBefore !== undefined) return resource.write(resource.keyFor(keyBefore(...args)), change, valueOf, tagsOf);
    return resource.writeLate(async (write) => {
      const result = await change();
      const own = key!(result, ...args);
      if (own === undefined) return result;
      const at = resource.keyFor(own);
      if (valueOf(result) === undefined || write.overtakenAt(at)) await resource.evict(at);
      else await resource.write(at, () => Promise.resolve(result), valueOf, tagsOf);
      return result;
    });
  });
}

function writeMissing(declaration: Declaration, name: string): CacheError {
  const sentence = `writes by the strategy of '${name}', which has to know key and value before the method runs; give both, such as value: (id, cart) => cart and keyBefore: (id) => id`;
  return invalid(inWords(declaration), sentence);
}

function tagsMissing(declaration: Declaration): CacheError {
  const sentence = 'needs `tags`, because @Cached computes them and their invalidation has to reach this value too';
  return invalid(inWords(declaration), sentence);
}
