import type { LookupRules } from './options.ts';
import type { Responses } from './responses.ts';

/** What the cache of a route tells `front` of a request that came through it. */
export interface Lesson {
  readonly route: LookupRules;
  readonly responses: Responses;
  /** Of what the request is answered with. */
  readonly key: string;
  /** Some middleware has found out a user. */
  readonly ofUser: boolean;
}

/** The way of a request from `front` into the app. */
export interface Passage {
  /** Notes where it has led, so that the next request for the same need not go it. */
  learn(lesson: Lesson): void;
}

/** Of the whole process, so that the ESM and the CommonJS build of this package see each other. */
const mark = Symbol.for('@cache/express/passage');

/** The way that a request has come, if that is through `front`. */
export function passageOf(req: Marked): Passage | undefined {
  return req[mark];
}

/** Notes the way of a request that `front` passes on. */
export function setPassage(req: Marked, passage: Passage): void {
  req[mark] = passage;
}

type Marked = object & { [mark]?: Passage };
