import type { SharedSpace, SharedStore } from '../../src/model/store.ts';

/** How a method fails: it rejects, throws before there is a promise, or never settles. */
export type Fault = 'rejects' | 'throws' | 'hangs';

export type Method = keyof SharedSpace;

export const methods: readonly Method[] = [
  'read',
  'lease',
  'extend',
  'fill',
  'replace',
  'release',
  'mark',
  'commit',
  'evict',
  'invalidate',
  'tags',
  'ping',
  'reset',
  'close',
];

/** A shared store whose named methods fail, until it is mended; what they would have done is not done. */
export interface BrokenStore extends SharedStore {
  /** How often each method was called. */
  readonly calls: ReadonlyMap<Method, number>;
  /** From now on these methods fail in this way, and all others work. */
  break(fault: Fault, broken?: readonly Method[]): void;
  mend(): void;
}

/** The error that a broken method gives. */
export const brokenError = new Error('the store is broken');

/** Breaks a store that works. */
export function brokenStore(working: SharedStore, fault?: Fault, broken: readonly Method[] = methods): BrokenStore {
  const faults = new Map<Method, Fault>();
  const calls = new Map<Method, number>();
  const breakMethods = (how: Fault, which: readonly Method[]): void => {
    faults.clear();
    for (const method of which) faults.set(method, how);
  };
  if (fault !== undefined) breakMethods(fault, broken);

  const wrap = (space: SharedSpace): SharedSpace =>
    new Proxy(space, {
      get(target, method: Method) {
        const works = target[method] as (...args: unknown[]) => unknown;
        return (...args: unknown[]) => {
          calls.set(method, (calls.get(method) ?? 0) + 1);
          const how = faults.get(method);
          if (how === undefined) return works(...args);
          if (how === 'throws') throw brokenError;
          return how === 'rejects' ? Promise.reject(brokenError) : new Promise(() => undefined);
        };
      },
    });

  return {
    ...working,
    calls,
    break: (how, which = methods) => breakMethods(how, which),
    mend: () => faults.clear(),
    open: (context) => wrap(working.open(context)),
  };
}
