/** Of the whole process, so that the ESM and the CommonJS build of this package see each other. */
const mark = Symbol.for('@cache/express/request');

/** A request that a cache has passed on to the handlers after it. */
export const passed = 'passed';

/** What this package knows of a request: that it was passed on, or, of one that it has made up, who waits for that. */
export function passageOf(req: Marked): typeof passed | object | undefined {
  return req[mark];
}

/** Marks a request that a cache passes on: those after it are not to have a part in it too. */
export function enterCache(req: Marked): void {
  req[mark] = passed;
}

/** Marks a request that this package has made up. */
export function markMadeUp(req: Marked, waiting: object): void {
  req[mark] = waiting;
}

type Marked = object & { [mark]?: typeof passed | object };
