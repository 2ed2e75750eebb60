import type { LookupRules } from './options.ts';

/** What the cache of a route tells `front` of a request that came through it. */
export interface Lesson {
  readonly route: LookupRules;
  /** Of what the request is answered with. */
  readonly key: string;
  /** Some middleware has found out a user. */
  readonly ofUser: boolean;
}

/** Where `front` waits to learn what becomes of a request that it has passed on. */
export interface Watcher {
  /** Notes where it has led, so that the next request for the same need not go it. */
  learn(lesson: Lesson): void;
}

/** Of the whole process, so that the ESM and the CommonJS build of this package see each other. */
const mark = Symbol.for('@cache/express/watcher');

/** Who watches a request, if it has come through `front`. */
export function watcherOf(req: Marked): Watcher | undefined {
  return req[mark];
}

/** Has a request watched that `front` passes on. */
export function setWatcher(req: Marked, watcher: Watcher): void {
  req[mark] = watcher;
}

type Marked = object & { [mark]?: Watcher };
