import type { DirtyItem, LoadContext } from '@cache/core';

/** The methods of one name, as a strategy calls them. */
export interface Methods {
  /** Runs the `@Cached` method, with the arguments and on the object of the call that wants the value. */
  readonly load: <K, V>(key: K, context: LoadContext<K>) => Promise<V>;
  /** Runs the `@Updates` method, with the arguments and on the object of the call that writes. */
  readonly save: <K, V>(key: K, value: V) => Promise<unknown>;
  /**
   * Runs the `@Updates` method for each item, all at once, each as the last call for its key would have. It knows the calls
   * of this process: a ledger that outlives it needs a `saveMany` of your own.
   */
  readonly saveMany: <V>(items: readonly DirtyItem<V>[]) => Promise<unknown>;
}
