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
  readonly declaration: Declaration;
  readonly cache: Cache;
  readonly #home: object;
  #resource: MethodResource | undefined;
  #replaced: boolean | undefined;

  constructor(declaration: Declaration, cache: Cache, home: object) {
    this.declaration = declaration;
    this.cache = cache;
    this.#home = home;
  }

  /** Opened when it is first asked for, because not every declaration needs one. */
  get resource(): MethodResource {
    return (this.#resource ??= resourceOf(this.cache, this.#home, this.declaration));
  }

  /** Whether a method that overrides this one keeps the values. */
  get replaced(): boolean {
    return (this.#replaced ??= isReplaced(this.#home, this.declaration));
  }
}

/** A class that the method was called on. */
interface Scope {
  /** Its prototype. */
  readonly called: object;
  /** That of the class whose resource it is about. */
  readonly home: object;
  readonly cache: CacheOption | undefined;
  bound: Bound | undefined;
}

/** Finds cache and resource of a declaration, once for each class. */
export class Binding {
  readonly #declaration: Declaration;
  readonly #scopes = new WeakMap<object, Scope>();
  /** Most methods are called on objects of one class. */
  #last: Scope | undefined;

  constructor(declaration: Declaration) {
    this.#declaration = declaration;
  }

  /** @throws CacheError `INVALID_OPTION` where there is no cache, or no object. */
  of(self: unknown): Bound {
    const home = homeOf(self);
    const last = this.#last;
    const scope = last !== undefined && last.called === home ? last : this.#scopeOf(home);
    const { bound } = scope;
    const cache = findCache(this.#declaration, self, scope.cache, bound?.cache);
    // The class may find another cache today than yesterday: tests make one each.
    return bound !== undefined && bound.cache === cache
      ? bound
      : (scope.bound = new Bound(this.#declaration, cache, scope.home));
  }

  #scopeOf(home: object | undefined): Scope {
    const called = home ?? missingObject(this.#declaration);
    return (this.#last = this.#scopes.get(called) ?? this.#enter(called));
  }

  #enter(called: object): Scope {
    const { of } = this.#declaration;
    const home = of === undefined ? called : (homeOf(of()) ?? missingClass(this.#declaration));
    // In legacy mode the class is known already; in standard mode a constructor may call before it is.
    if (of === undefined) declare(called, this.#declaration);
    const scope = { called, home, cache: classOptionsOf(home)?.cache, bound: undefined };
    this.#scopes.set(called, scope);
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
