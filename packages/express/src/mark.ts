/** Of the whole process, so that the ESM and the CommonJS build of this package see each other. */
const mark = Symbol.for('@cache/express/request');

/** Whether a cache has passed a request on to the handlers after it, this one among them perhaps. */
export function isInCache(req: Marked): boolean {
  return req[mark] === true;
}

/** Marks a request that a cache passes on: those after it are not to have a part in it too. */
export function enterCache(req: Marked): void {
  req[mark] = true;
}

type Marked = object & { [mark]?: true };
