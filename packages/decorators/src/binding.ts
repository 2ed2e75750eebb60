import { type Cache, CacheError } from '@cache/core';
import { classOptionsOf } from './cache-resource.ts';
import { type Declaration, inWords } from './declaration.ts';
import { declare } from './declared-methods.ts';
import type { CacheOption } from './cache-option.ts';
import { findCache } from './find-cache.ts';
import type { MethodResource } from './method-resource.ts';
import { isReplaced, resourceOf } from './resources.ts';
import { homeOf } from './site.ts';

/** What a declaration works with when its method is called on an object of one class. */
export class Bound {
  readonly cache: Cache;
  readonly #declaration: Declaration;
  readonly #home: object;
  #resource: MethodResource | undefined;
  #replaced: boolean | undefined;

  constructor(declaration: Declaration, cache: Cache, home: object) {
    this.cache = cache;
    this.#declaration = declaration;
    this.#home = home;
  }

  /** Opened when it is first asked for, because not every declaration needs one. */
  get resource(): MethodResource {
    return (this.#resource ??= resourceOf(this.cache, this.#home, this.#declaration));
  }

  /** Whether a method that overrides this one does the work. */
  get replaced(): boolean {
    return (this.#replaced ??= isReplaced(this.#home, this.#declaration));
  }
}

/** A class that the method was called on. */
interface Scope {
  readonly home: object;
  readonly cache: CacheOption | undefined;
  bound: Bound | undefined;
}

/** Finds cache and resource of a declaration, once for each class. */
export class Binding {
  readonly #declaration: Declaration;
  readonly #scopes = new WeakMap<object, Scope>();

  constructor(declaration: Declaration) {
    this.#declaration = declaration;
  }

  /** @throws CacheError `INVALID_OPTION` where there is no cache, or no object. */
  of(self: unknown): Bound {
    const home = homeOf(self) ?? missingObject(this.#declaration);
    const scope = this.#scopes.get(home) ?? this.#enter(home);
    const cache = findCache(this.#declaration, self, scope.cache, scope.bound?.cache);
    // The class may find another cache today than yesterday: tests make one each.
    if (scope.bound?.cache !== cache) scope.bound = new Bound(this.#declaration, cache, scope.home);
    return scope.bound;
  }

  #enter(home: object): Scope {
    const { of } = this.#declaration;
    const target = of === undefined ? home : (homeOf(of()) ?? missingClass(this.#declaration));
    // In legacy mode the class is known already; in standard mode a constructor may call before it is.
    if (of === undefined) declare(home, this.#declaration);
    const scope = { home: target, cache: classOptionsOf(target)?.cache, bound: undefined };
    this.#scopes.set(home, scope);
    return scope;
  }
}

function missingObject(declaration: Declaration): never {
  const sentence = `${inWords(declaration)} was called without its object; write () => service.${String(declaration.site.name)}(…)`;
  throw new CacheError('INVALID_OPTION', sentence);
}

function missingClass(declaration: Declaration): never {
  throw new CacheError('INVALID_OPTION', `${inWords(declaration)}: \`of\` gave no class; write of: () => UserService`);
}
