import { CacheError } from '@cache/core';

/** A method as decorators see it, whatever its types say. */
export type AnyMethod = (this: unknown, ...args: unknown[]) => unknown;

/** The method that a decorator was put on, in either mode of decorators. */
export interface Site {
  readonly method: AnyMethod;
  readonly name: string | symbol;
  readonly isStatic: boolean;
  readonly isPrivate: boolean;
  /**
   * Puts `wrapper` in the method's place; what is returned is the decorator's answer. `tell` hears of each prototype
   * that has the method: at once in legacy mode, when an object is made in standard mode.
   */
  replace(wrapper: AnyMethod, tell: (home: object) => void): unknown;
}

/**
 * Reads what a decorator was called with: `(prototype, name, descriptor)` by legacy TypeScript, or `(method, context)` by
 * the standard.
 *
 * @throws CacheError `INVALID_OPTION` where it is not on a method.
 */
export function siteOf(decorator: string, given: readonly unknown[]): Site {
  const [first, second, third] = given;
  if (typeof second === 'string' || typeof second === 'symbol') return legacySite(decorator, first, second, third);
  const context = second as DecoratorContext | undefined;
  if (context?.kind === 'method') return standardSite(first as AnyMethod, context);
  throw misplaced(decorator, places[context?.kind ?? 'class']);
}

/**
 * The prototype that stands for an object's class, and for a class itself when one of its static methods is called. There
 * is none for an object literal, whose prototype is everybody's.
 */
export function homeOf(self: unknown): object | undefined {
  const home: unknown =
    typeof self === 'function'
      ? self.prototype
      : typeof self === 'object' && self !== null
        ? Object.getPrototypeOf(self)
        : undefined;
  if (typeof home !== 'object' || home === null) return undefined;
  return typeof self === 'function' || Object.getPrototypeOf(home) !== null ? home : undefined;
}

function standardSite(method: AnyMethod, context: ClassMethodDecoratorContext): Site {
  return {
    method,
    name: context.name,
    isStatic: context.static,
    isPrivate: context.private,
    replace(wrapper, tell) {
      context.addInitializer(function () {
        tell(homeOf(this)!);
      });
      return wrapper;
    },
  };
}

function legacySite(decorator: string, target: unknown, name: string | symbol, third: unknown): Site {
  if (typeof third === 'number') throw misplaced(decorator, 'a parameter');
  const descriptor = third as PropertyDescriptor | undefined;
  if (typeof descriptor?.value !== 'function') {
    throw misplaced(
      decorator,
      places[descriptor?.get === undefined && descriptor?.set === undefined ? 'field' : 'accessor'],
    );
  }
  return {
    method: descriptor.value as AnyMethod,
    name,
    isStatic: typeof target === 'function',
    isPrivate: false,
    replace(wrapper, tell) {
      tell(typeof target === 'function' ? (target.prototype as object) : (target as object));
      return { ...descriptor, value: wrapper };
    },
  };
}

const places = {
  class: 'a class',
  field: 'a field',
  getter: 'an accessor',
  setter: 'an accessor',
  accessor: 'an accessor',
};

function misplaced(decorator: string, found: string): CacheError {
  return new CacheError('INVALID_OPTION', `${decorator} goes on an async method, not on ${found}`);
}
