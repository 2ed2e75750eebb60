// What TypeScript itself asks of the method in a `ClassMethodDecoratorContext`, and nothing narrower.
// oxlint-disable-next-line typescript/no-explicit-any -- `unknown` and `never` refuse methods that it allows
type AsyncMethod<This> = (this: This, ...args: any) => Promise<unknown>;

/**
 * A decorator of async methods, for standard and for legacy TypeScript. `A` are the arguments its functions take, `R` is the result they
 * take, `B` the blueprint of `type`, and `I` what `revive` gives: a method that does not fit is refused.
 */
export interface MethodDecorator<A extends readonly unknown[], R, B, I> {
  <This, M extends AsyncMethod<This>>(method: M & Fit<M, A, R, B, I>, context: ClassMethodDecoratorContext<This, M>): M;
  <M extends AsyncMethod<never>>(
    target: object,
    name: string | symbol,
    descriptor: TypedPropertyDescriptor<M> & Fit<M, A, R, B, I>,
  ): TypedPropertyDescriptor<M>;
}

/** `unknown`, or what is wrong. */
type Fit<M, A extends readonly unknown[], R, B, I> = M extends (...args: infer P) => Promise<infer V>
  ? ((...args: A) => void) extends (...args: P) => void
    ? [Exclude<V, undefined>] extends [R]
      ? false extends Makes<B, V>
        ? 'the class of `type` is not what the method returns'
        : [I] extends [NonNullable<V>]
          ? unknown
          : '`revive` does not give what the method returns'
      : 'the functions given do not take what the method returns'
    : 'the functions given do not take the arguments of the method'
  : 'the method is not async';

/** Whether the blueprint `B` makes what is in a `V`. */
type Makes<B, V> = [B] extends [never]
  ? true
  : B extends abstract new (...args: never[]) => infer I
    ? [I] extends [Item<V>]
      ? true
      : false
    : B extends readonly [infer C, infer F]
      ? Makes<C, V> | MakesFields<F, Item<V>>
      : MakesFields<B, Item<V>>;

type MakesFields<F, V> = { [N in keyof F]: N extends keyof V ? Makes<F[N], V[N]> : false }[keyof F];

/** What instances are made of: the value itself, or what arrays, Sets and Maps in it hold. */
type Item<V> = V extends null | undefined
  ? never
  : V extends readonly (infer I)[]
    ? Item<I>
    : V extends ReadonlyMap<unknown, infer I>
      ? Item<I>
      : V extends ReadonlySet<infer I>
        ? Item<I>
        : V;
