import { Binding, type Bound } from './binding.ts';
import type { Declaration } from './declaration.ts';
import { declarationOf, place } from './declared-methods.ts';
import { resemble } from './likeness.ts';
import type { MethodDecorator } from './signature.ts';
import { type AnyMethod, siteOf } from './site.ts';

/** Answers a call: what its declaration is bound to, the object, and the arguments. One by one, since a hit allocates little. */
export type Answer = (bound: Bound, self: unknown, args: readonly unknown[]) => Promise<unknown>;

/**
 * A decorator, for both modes, that answers calls of a method by `answer`. What that throws rejects the call.
 *
 * The decorator throws a CacheError `INVALID_OPTION` where it is not on a method.
 */
export function methodDecorator<A extends readonly unknown[], R, B, I>(
  what: Pick<Declaration, 'decorator' | 'name' | 'cache' | 'of' | 'keeping'>,
  answer: Answer,
): MethodDecorator<A, R, B, I> {
  const decorate = (...given: readonly unknown[]): unknown => {
    const site = siteOf(what.decorator, given);
    const declaration: Declaration = { ...what, site, below: declarationOf(site.method) };
    const binding = new Binding(declaration);
    const wrapper: AnyMethod = function (...args) {
      try {
        return answer(binding.of(this), this, args);
      } catch (error) {
        return Promise.reject(error);
      }
    };
    resemble(wrapper, site.method);
    return place(declaration, wrapper);
  };
  return decorate as MethodDecorator<A, R, B, I>;
}
