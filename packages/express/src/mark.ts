/** Of the whole process, so that the ESM and the CommonJS build of this package see each other. */
const registry = Symbol.for('@cache/express/passages');
const world = globalThis as { [registry]?: WeakMap<object, Passage> };

// Not a property of the request: to find that one is missing, as it is for each hit, takes all its prototypes.
const passages = (world[registry] ??= new WeakMap());

/** A request that a cache has passed on to the handlers after it. */
export const passed = 'passed';

/** What this package knows of a request: that it was passed on, or, of one that it has made up, who waits for that. */
export type Passage = typeof passed | object;

/** `undefined` for a request that comes to a cache for the first time. */
export function passageOf(req: object): Passage | undefined {
  return passages.get(req);
}

/** Marks a request that a cache passes on: those after it are not to have a part in it too. */
export function enterCache(req: object): void {
  passages.set(req, passed);
}

/** Marks a request that this package has made up. */
export function markMadeUp(req: object, waiting: object): void {
  passages.set(req, waiting);
}
