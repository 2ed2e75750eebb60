import { CacheError } from '@cache/core';
import type { CacheOption } from './cache-option.ts';
import type { Keeping } from './keeping.ts';
import type { AnyMethod, Site } from './site.ts';

/** One decorator on one method. */
export interface Declaration {
  readonly decorator: '@Cached' | '@Updates' | '@Evicts';
  readonly site: Site;
  /** The resource it is about; without one, that of the class counts. */
  readonly name: string | undefined;
  readonly cache: CacheOption | undefined;
  /** The class whose resource it is about, where that is another one. */
  readonly of: (() => object) | undefined;
  /** How values are kept, where it is this declaration that says so: that of `@Cached`. */
  readonly keeping: Keeping | undefined;
  /** The declaration that the same method has below this one. */
  readonly below: Declaration | undefined;
}

/** The declaration for people: `@Cached findById()`. */
export function inWords({ decorator, site }: Declaration): string {
  return `${decorator} ${String(site.name)}()`;
}

/** Whether `later` keeps values in the place of `earlier`: an override does, and the upper of two on one method. */
export function replaces(later: Declaration, earlier: Declaration): boolean {
  const [a, b] = [later.site, earlier.site];
  return later.decorator === earlier.decorator && a.name === b.name && a.isStatic === b.isStatic && !a.isPrivate;
}

/**
 * Runs the method itself.
 *
 * @throws CacheError `INVALID_OPTION` where it does not return a promise.
 */
export function run(declaration: Declaration, self: unknown, args: readonly unknown[]): Promise<unknown> {
  const method: AnyMethod = declaration.site.method;
  const returned = Reflect.apply(method, self, args) as { then?: unknown } | null | undefined;
  if (typeof returned?.then === 'function') return returned as Promise<unknown>;
  const sentence = `${inWords(declaration)} did not return a promise; make the method async, since its callers get a promise anyway`;
  throw new CacheError('INVALID_OPTION', sentence);
}
