import { invalid } from '../model/options.ts';

/**
 * Makes instances of a class out of plain data, without running its constructor; of an array, of each of its items.
 * The class is asked for when the first value is there, so that it may be declared later than its resource.
 */
export function reviverOf(owner: string, type: () => unknown): (plain: unknown) => unknown {
  let prototype: object | undefined;
  const revive = (plain: unknown): unknown => {
    if (Array.isArray(plain)) return plain.map(revive);
    if (typeof plain !== 'object' || plain === null) return plain;
    const instance = Object.create((prototype ??= prototypeOf(owner, type()))) as Record<string, unknown>;
    for (const name of Object.keys(plain)) {
      // A field of this name would not become one, but change the class.
      if (name !== '__proto__') instance[name] = (plain as Record<string, unknown>)[name];
    }
    return instance;
  };
  return revive;
}

function prototypeOf(owner: string, type: unknown): object {
  const prototype: unknown = typeof type === 'function' ? type.prototype : undefined;
  if (typeof prototype === 'object' && prototype !== null) return prototype;
  throw invalid(owner, 'has a `type` that gives no class; write type: () => User');
}
