import { types } from 'node:util';
import { deepFreeze, graphCopy, treeCopy } from '../model/copy.ts';
import { CacheError } from '../model/errors.ts';
import { isRecord, shapeOf } from '../model/shape.ts';

/**
 * What callers may do to a value they were given.
 * `freeze` (the default): plain data is kept as a deeply frozen private copy that every caller shares at no cost, and
 * whatever cannot be frozen (Date, Map …) is cloned at each hit. `clone`: a copy of one's own at each hit.
 * `shared`: the very object, for values that nobody changes; the only mode for class instances without `revive`.
 */
export type IsolationMode = 'freeze' | 'clone' | 'shared';

/** A value as it is kept, and how it is handed out: `undefined` for "as it is". */
export interface Kept {
  readonly value: unknown;
  readonly handOut: ((value: unknown) => unknown) | undefined;
}

/** How the values of one resource are kept apart from the callers' own. */
export interface Isolation {
  /**
   * The form to keep, sharing nothing with `value` that a caller could change. The caller's object is never frozen.
   *
   * @throws CacheError `UNSTORABLE_VALUE` when no faithful private copy can be made.
   */
  keep(value: unknown): Kept;
  /** The same for a value that came out of a shared tier and that nobody else has; to know `isPlain` saves a walk over it. */
  adopt(value: unknown, isPlain?: boolean): Kept;
  /** A value for a writer, who may do with it what it likes: a copy of what is kept, whatever the caller does meanwhile. */
  forWriter(kept: Kept): unknown;
}

/** What a caller gets of a kept value. */
export function handOut(kept: Kept): unknown {
  return kept.handOut === undefined ? kept.value : kept.handOut(kept.value);
}

/** Kept apart by freezing and cloning; see `IsolationMode`. */
export function isolation(mode: IsolationMode): Isolation {
  if (mode === 'shared') return { keep: asItIs, adopt: asItIs, forWriter: handOut };
  const keep = (value: unknown, own: boolean, isPlain = false): Kept => {
    if (typeof value !== 'object' || value === null) {
      if (typeof value === 'function' || typeof value === 'symbol') throw unstorable();
      return asItIs(value);
    }
    const shape = isPlain ? 'plain' : shapeOf(value);
    if (shape === 'foreign') throw unstorable();
    if (shape === 'plain' && mode === 'freeze') return asItIs(deepFreeze(own ? value : treeCopy(value)));
    const copy = shape === 'graph' ? graphCopy : treeCopy<unknown>;
    // One's own is copied too: views in it would hold on to the whole reply that they came with.
    return { value: own && shape === 'plain' ? value : copy(value), handOut: copy };
  };
  return {
    keep: (value) => keep(value, false),
    adopt: (value, isPlain) => keep(value, true, isPlain),
    forWriter: (kept) => (kept.handOut === undefined ? treeCopy(kept.value) : handOut(kept)),
  };
}

/**
 * Values that are kept as plain data and made into what callers get at each hit: `dehydrate` once, `revive` every time.
 * Both ways of getting one, a load and a hit, go through them, so that they have one shape.
 */
export function revived(dehydrate: (value: unknown) => unknown, revive: (plain: unknown) => unknown): Isolation {
  return remade(dehydrate, (kept) => () => revive(handOut(kept)));
}

/** The same for instances that are told by a blueprint, which are made and copied in one walk. */
export function rebuilt({ revive, assigns }: Rebuilding, dehydrate: (value: unknown) => unknown): Isolation {
  return remade(dehydrate, (kept) => {
    const { value, handOut: copy } = kept;
    // What has not the shape of a tree has to be copied as a whole.
    if (copy === graphCopy) return () => revive(copy(value), (own) => own, false);
    const may = assigns(value);
    return () => revive(value, treeCopy, may);
  });
}

/** The part of `Instances` that this needs. */
interface Rebuilding {
  readonly revive: (plain: unknown, copy: (value: unknown) => unknown, assigns: boolean) => unknown;
  readonly assigns: (plain: unknown) => boolean;
}

function remade(dehydrate: (value: unknown) => unknown, maker: (plain: Kept) => () => unknown): Isolation {
  const plain = isolation('clone');
  const instance = (kept: Kept): Kept => ({ value: kept.value, handOut: maker(kept) });
  return {
    keep: (value) => (value === null ? asItIs(null) : instance(plain.keep(dehydrate(value)))),
    adopt: (value, isPlain) => {
      const kept = value === null ? asItIs(null) : instance(plain.adopt(value, isPlain));
      // What was stored in an older shape may be more than `revive` can make sense of: that is a miss, not an error.
      handOut(kept);
      return kept;
    },
    forWriter: handOut,
  };
}

/** Own enumerable fields, all the way down, without classes; Date, Map, Set, Buffer and the like stay what they are. */
export function withoutClasses(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutClasses);
  if (types.isMap(value)) return new Map([...value].map(([key, item]) => [key, withoutClasses(item)] as const));
  if (types.isSet(value)) return new Set([...value].map(withoutClasses));
  if (!isRecord(value) && shapeOf(value) !== 'foreign') return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withoutClasses(item)]));
}

function asItIs(value: unknown): Kept {
  return { value, handOut: undefined };
}

function unstorable(): CacheError {
  return new CacheError(
    'UNSTORABLE_VALUE',
    'the value holds class instances, functions or symbols, of which no safe copy can be made, so it is not cached; ' +
      "declare `revive` to get instances back, or isolation: 'shared' if nobody changes them",
  );
}
