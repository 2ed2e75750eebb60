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
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`.
 */
export function Updates<A extends readonly unknown[], R = unknown>(
  options: UpdatesOptions<A, R>,
): MethodDecorator<A, R, never, never> {
  const { key, keyBefore, tags, ...rest } = parseOptions('@Updates', options, {
    ...changeRules,
    key: optional(func<(...given: readonly unknown[]) => Key | undefined>()),
    keyBefore: optional(func<(...args: readonly unknown[]) => Key>()),
    tags: optional(tagsRule),
  });
  if ((key === undefined) === (keyBefore === undefined)) {
    throw invalid(
      '@Updates',
      'needs one of `key`, such as key: (user) => user.id, and `keyBefore`, such as keyBefore: (id) => id',
    );
  }

  return methodDecorator({ decorator: '@Updates', keeping: undefined, ...rest }, (call) => {
    const { declaration, bound, self, args } = call;
    const change = (): Promise<unknown> => run(declaration, self, args);
    if (bound.replaced) return change();
    const { resource } = bound;
    const ofCached = resource.keeping.tags;
    if (tags === undefined && typeof ofCached === 'function') throw tagsMissing(declaration);
    const tagsOf = (result: unknown): readonly string[] => [
      ...(typeof ofCached === 'function' ? [] : tagsBy(ofCached)),
      ...tagsBy(tags, result, ...args),
    ];
    if (keyBefore !== undefined) return resource.write(keyBefore(...args), change, tagsOf);
    return resource.writeLate(async (write) => {
      const result = await change();
      const at = key!(result, ...args);
      if (at === undefined) return result;
      if (result === undefined || write.overtakenAt(at)) await resource.evict(at);
      else await resource.write(at, () => Promise.resolve(result), tagsOf);
      return result;
    });
  });
}

function tagsMissing(declaration: Declaration): CacheError {
  const sentence = 'needs `tags`, because @Cached computes them and their invalidation has to reach this value too';
  return invalid(inWords(declaration), sentence);
}
