// What TypeScript itself asks of the method in a `ClassMethodDecoratorContext`, and nothing narrower.
// oxlint-disable-next-line typescript/no-explicit-any -- `unknown` and `never` refuse methods that it allows
type AsyncMethod<This> = (this: This, ...args: any) => Promise<unknown>;

/**
 * A decorator of async methods, for standard and for legacy TypeScript. `A` are the arguments its functions take, `R` is the result they
 * take, and `E` the class of `type`: a method that does not fit is refused.
 */
export interface MethodDecorator<A extends readonly unknown[], R, E> {
  <This, M extends AsyncMethod<This>>(method: M & Fit<M, A, R, E>, context: ClassMethodDecoratorContext<This, M>): M;
  <M extends AsyncMethod<never>>(
    target: object,
    name: string | symbol,
    descriptor: TypedPropertyDescriptor<M> & Fit<M, A, R, E>,
  ): TypedPropertyDescriptor<M>;
}

/** `unknown`, or what is wrong. */
type Fit<M, A extends readonly unknown[], R, E> = M extends (...args: infer P) => Promise<infer V>
  ? ((...args: A) => void) extends (...args: P) => void
    ? [Exclude<V, undefined>] extends [R]
      ? [E] extends [Item<V>]
        ? unknown
        : 'the class of `type` is not what the method returns'
      : 'the functions given do not take what the method returns'
    : 'the functions given do not take the arguments of the method'
  : 'the method is not async';

/** What instances are made of: the value itself, or the items of an array. */
export type Item<V> = NonNullable<V> extends readonly (infer I)[] ? NonNullable<I> : NonNullable<V>;
