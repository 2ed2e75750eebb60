import { type Cache, CacheError } from '@cache/core';
import { classOptionsOf } from './cache-resource.ts';
import { type Declaration, inWords } from './declaration.ts';
import { declare } from './declared-methods.ts';
import { findCache } from './find-cache.ts';
import type { MethodResource } from './method-resource.ts';
import { isReplaced, resourceOf } from './resources.ts';
import { homeOf } from './site.ts';

/** What a declaration works with when its method is called on an object of one class. */
export interface Bound {
  readonly cache: Cache;
  /** Opened when it is first asked for, because not every declaration needs one. */
  readonly resource: MethodResource;
  /** Whether a method that overrides this one does the work. */
  readonly replaced: boolean;
}

/** Finds cache and resource of a declaration, once for each class. */
export class Binding {
  readonly #declaration: Declaration;
  readonly #bound = new WeakMap<object, Bound>();

  constructor(declaration: Declaration) {
    this.#declaration = declaration;
  }

  /** @throws CacheError `INVALID_OPTION` where there is no cache, or no object. */
  of(self: unknown): Bound {
    const declaration = this.#declaration;
    const words = inWords(declaration);
    const home = homeOf(self);
    if (home === null || home === undefined) {
      const sentence = `${words} was called without its object; write (id) => service.${String(declaration.site.name)}(id)`;
      throw new CacheError('INVALID_OPTION', sentence);
    }
    const known = this.#bound.get(home);
    const target = declaration.of === undefined ? home : homeOf(declaration.of())!;
    const cache = findCache(words, self, declaration.cache, () => classOptionsOf(target)?.cache);
    if (known?.cache === cache) return known;
    if (target === home) declare(home, declaration);
    const bound = bind(declaration, cache, target);
    this.#bound.set(home, bound);
    return bound;
  }
}

function bind(declaration: Declaration, cache: Cache, home: object): Bound {
  let resource: MethodResource | undefined;
  let replaced: boolean | undefined;
  return {
    cache,
    get resource() {
      return (resource ??= resourceOf(cache, home, declaration));
    },
    get replaced() {
      return (replaced ??= isReplaced(home, declaration));
    },
  };
}
