import { initialAge } from './age.ts';
import { parseCacheControl } from './cache-control.ts';
import { type Audience, audienceOf, type Credential, maySee } from './credentials.ts';
import type { FieldReader } from './fields.ts';
import { explicitLifetime } from './freshness.ts';
import { parseVary } from './vary.ts';

/** A response whose headers are known, and the request it answers, as far as storing depends on them. */
export interface Answer {
  readonly status: number;
  readonly fields: FieldReader;
  /** Of the request; empty where the key is of one user alone. */
  readonly credentials: readonly Credential[];
  /** The key is of one user alone: for this response we are that user's private cache. */
  readonly scoped: boolean;
  /** Milliseconds of freshness for a response that says nothing about it. */
  readonly ttl: number | undefined;
  /** The largest body that is kept, in bytes. */
  readonly maxBytes: number;
  readonly receivedAt: number;
}

/** Whether a response may be stored, and what is to be known of it then; times are milliseconds. */
export type Verdict =
  | { readonly storable: false; readonly reason: string }
  | {
      readonly storable: true;
      readonly lifetime: number;
      readonly age: number;
      readonly audience: Audience;
      readonly vary: readonly string[];
    };

// RFC 9110 §15.1 calls these heuristically cacheable. Left out: 206, which is not a whole; 405, 414 and 501, which a
// malformed request can provoke for everybody (cache-poisoned denial of service).
const heuristicallyCacheable = new Set([200, 203, 204, 300, 301, 308, 404, 410]);
// Temporary redirects are stored only if they say for how long themselves.
const cacheableIfExplicit = new Set([302, 307]);

/** Whether a shared cache may store a response (RFC 9111 §3), with the safe defaults on top. */
export function storability(answer: Answer): Verdict {
  const { status, fields, credentials, scoped, ttl, receivedAt } = answer;
  const directives = parseCacheControl(fields('cache-control'));
  if (directives.has('no-store')) return refused('no-store');
  // §5.2.2.7: also `private="field"`, since it cannot be told apart what else that user alone may see.
  if (directives.has('private') && !scoped) return refused('private');
  // §5.2.2.4: it would have to be validated at each use.
  if (directives.has('no-cache')) return refused('no-cache');
  if (fields('set-cookie') !== undefined) return refused('set-cookie');
  if (fields('content-range') !== undefined) return refused('content-range');
  if (/^\s*text\/event-stream\b/i.test(fields('content-type') ?? '')) return refused('event-stream');
  const vary = parseVary(fields('vary'));
  if (vary === undefined) return refused('vary');
  const audience = audienceOf(directives);
  if (!maySee(audience, credentials)) return refused(credentials.find((each) => !maySee(audience, [each]))!);
  if (Number(fields('content-length') ?? 0) > answer.maxBytes) return refused('size');

  const explicit = explicitLifetime(directives, fields, receivedAt);
  const known = heuristicallyCacheable.has(status) || (explicit !== undefined && cacheableIfExplicit.has(status));
  if (!known) return refused('status');
  const lifetime = explicit ?? ttl ?? 0;
  const age = initialAge(fields, receivedAt);
  if (lifetime <= age) return refused('stale');
  return { storable: true, lifetime, age, audience, vary };
}

function refused(reason: string): Verdict {
  return { storable: false, reason };
}
