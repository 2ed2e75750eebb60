import { initialAge } from './age.ts';
import { type Directives, fieldsNamed } from './cache-control.ts';
import { type Audience, audienceOf, type Credential, maySee } from './credentials.ts';
import type { FieldReader } from './fields.ts';
import { explicitLifetime, heuristicLifetime, type StaleUse, staleUse } from './freshness.ts';
import type { StorageRules } from './storage-rules.ts';
import { instructionsOf } from './targeted.ts';
import { parseVary } from './vary.ts';

/** A response whose headers are known, and the request it answers, as far as storing depends on them. */
export interface Answer {
  readonly status: number;
  readonly fields: FieldReader;
  /** Of the request; empty where the key is of one user alone. */
  readonly credentials: readonly Credential[];
  /** The key is of one user alone: for this response we are that user's private cache. */
  readonly scoped: boolean;
  readonly rules: StorageRules;
  readonly receivedAt: number;
  /** For how many milliseconds the handler was waited for. */
  readonly delay: number;
}

/** Whether a response may be stored, and what is to be known of it then; times are milliseconds. */
export type Verdict = { readonly storable: false; readonly reason: string } | ({ readonly storable: true } & Judged);

/** What is known of a response that may be stored. */
export interface Judged extends StaleUse {
  readonly lifetime: number;
  readonly age: number;
  readonly audience: Audience;
  readonly vary: readonly string[];
  /** Fields that are not stored, in lower case, since they say so. */
  readonly omitted: readonly string[];
}

// RFC 9110 §15.1.
const heuristicallyCacheable = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501]);
// What a malformed or oversized request can provoke for everybody (cache-poisoned denial of service).
const provoked = new Set([400, 405, 413, 414, 417, 421, 431, 501]);
// RFC 9110 §15, without those that are about one request alone (206, 304, 412, 416).
const understood = new Set([
  200, 201, 202, 203, 204, 205, 300, 301, 302, 303, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410,
  411, 413, 414, 415, 417, 421, 422, 426, 500, 501, 502, 503, 504, 505,
]);

/** Whether a shared cache may store a response (RFC 9111 §3), with the safe defaults on top. */
export function storability(answer: Answer): Verdict {
  const { fields, credentials, rules, receivedAt, delay } = answer;
  const instructions = instructionsOf(fields);
  const { directives } = instructions;
  const refusal = refusalOf(answer, directives);
  if (refusal !== undefined) return { storable: false, reason: refusal };
  const vary = parseVary(fields('vary'));
  if (vary === undefined) return { storable: false, reason: 'vary' };
  const audience = rules.strict ? strictAudience(directives) : audienceOf(directives);
  const withheld = credentials.find((each) => !maySee(audience, [each]));
  if (withheld !== undefined) return { storable: false, reason: withheld };

  const lifetime = lifetimeOf(answer, directives, explicitLifetime(instructions, fields, receivedAt));
  if (typeof lifetime === 'string') return { storable: false, reason: lifetime };
  const age = initialAge(fields, receivedAt, delay);
  const use = staleUse(directives, rules.strict, rules);
  const judged = { lifetime, age, audience, vary, omitted: omittedFields(directives), ...use };
  // What is not fresh is of use only if it can be validated, or be given out stale.
  const isOfUse = lifetime > age || (lifetime + use.staleWhileRevalidate > age && use.staleWhileRevalidate > 0);
  return isOfUse || hasValidator(fields) ? { storable: true, ...judged } : { storable: false, reason: 'stale' };
}

function refusalOf({ status, fields, scoped, rules }: Answer, directives: Directives): string | undefined {
  // §5.2.2.3: who understands the status may disregard the no-store that is there for others.
  const mustUnderstand = directives.has('must-understand');
  if (mustUnderstand && !understood.has(status)) return 'status';
  if (directives.has('no-store') && !mustUnderstand) return 'no-store';
  // §5.2.2.7: `private="field"` is taken for the whole, since it cannot be told what else that user alone may see.
  const isPrivate = directives.has('private') && !(rules.strict && fieldsNamed(directives, 'private') !== undefined);
  if (isPrivate && !scoped) return 'private';
  if (status === 206 || status === 304) return 'status';
  const omitted = omittedFields(directives);
  if (!rules.strict && fields('set-cookie') !== undefined && !omitted.includes('set-cookie')) return 'set-cookie';
  // RFC 9110 §14.4: on a whole it means nothing; but one that is well formed is rather a part with the wrong status.
  if (/^bytes +\d+-\d+\//.test(fields('content-range') ?? '')) return 'content-range';
  if (/^\s*text\/event-stream\b/i.test(fields('content-type') ?? '')) return 'event-stream';
  return Number(fields('content-length') ?? 0) > rules.maxEntrySize ? 'size' : undefined;
}

/** For how long the response is fresh; or why it is not to be stored. */
function lifetimeOf(
  { status, fields, receivedAt, rules }: Answer,
  directives: Directives,
  explicit: number | undefined,
): number | string {
  // §5.2.2.4: it has to be validated at each use.
  const isNoCache = directives.has('no-cache') && fieldsNamed(directives, 'no-cache') === undefined;
  if (isNoCache) return rules.strict || !provoked.has(status) ? 0 : 'status';
  if (explicit !== undefined) return rules.strict || !provoked.has(status) ? explicit : 'status';
  // §4.2.2: a heuristic is for what says nothing, and for statuses that allow it or responses that do (`public`).
  const heuristic = rules.heuristics ? heuristicLifetime(fields, receivedAt) : undefined;
  const isStated = directives.has('public') && (rules.strict || !provoked.has(status));
  if (heuristic !== undefined && (heuristicallyCacheable.has(status) || isStated)) return heuristic;
  if (rules.ttl === undefined) return heuristicallyCacheable.has(status) ? 'stale' : 'status';
  return heuristicallyCacheable.has(status) && !provoked.has(status) ? rules.ttl : 'status';
}

/** §5.2.2.4 and §5.2.2.7: what `no-cache="…"` and `private="…"` name is not given to others. */
function omittedFields(directives: Directives): readonly string[] {
  return (['no-cache', 'private'] as const).flatMap((name) => fieldsNamed(directives, name) ?? []);
}

function hasValidator(fields: FieldReader): boolean {
  return fields('etag') !== undefined || fields('last-modified') !== undefined;
}

/** §3.5 alone: cookies, sessions and users are no matter of the RFC. */
function strictAudience(directives: Directives): Audience {
  const isShared = ['public', 's-maxage', 'must-revalidate'].some((name) => directives.has(name));
  return isShared ? 'anyone' : 'unauthorized';
}
