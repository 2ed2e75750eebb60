import type { IncomingMessage } from 'node:http';
import type { Directives } from './cache-control.ts';

/** What makes a request one of a certain user. */
export type Credential = 'authorization' | 'cookie' | 'user' | 'session';

/**
 * Who may be given a stored response: `anyone`, since it says that it is for all; those `authorized` by an
 * Authorization field too, but nobody with a cookie or a session; only who is `anonymous`; or, in strict mode, all but
 * those with an Authorization field, the `unauthorized`.
 */
export type Audience = 'anyone' | 'authorized' | 'anonymous' | 'unauthorized';

/** True for the name of a cookie that does not matter to a route. */
export type IgnoresCookie = (name: string) => boolean;

/** What a request has of a user: by its own fields, and by what middleware has found out so far. */
export function credentialsOf(request: IncomingMessage, ignores: IgnoresCookie): readonly Credential[] {
  const { authorization, cookie } = request.headers;
  const found: Credential[] = [];
  if (authorization !== undefined) found.push('authorization');
  if (cookie !== undefined && hasCookie(cookie, ignores)) found.push('cookie');
  if (has(request, 'user')) found.push('user');
  if (has(request, 'session')) found.push('session');
  const prototype = Object.getPrototypeOf(request) as object;
  if ('user' in prototype || 'session' in prototype) silent.delete(prototype);
  else silent.add(prototype);
  return found;
}

/** Of nobody in particular. */
export const noCredentials: readonly Credential[] = [];

/** What requests inherit from, and from where they have no user and no session; with Express one object for each app. */
const silent = new WeakSet<object>();

/**
 * True where a request is known to have no credentials. This is the hot path: that nothing which it inherits has a
 * certain property takes as long to find out as a header takes to send, and is asked when something is to be stored.
 */
export function isAnonymous(request: IncomingMessage): boolean {
  const { headers } = request;
  if (headers.authorization !== undefined || headers.cookie !== undefined) return false;
  if (Object.hasOwn(request, 'user') || Object.hasOwn(request, 'session')) return false;
  return silent.has(Object.getPrototypeOf(request) as object);
}

/** A getter of some middleware's that throws counts as somebody. */
function has(request: IncomingMessage & { user?: unknown; session?: unknown }, name: 'user' | 'session'): boolean {
  try {
    return request[name] != null;
  } catch {
    return true;
  }
}

/**
 * Whom a response is for. RFC 9111 §3.5 asks for `public`, `s-maxage` or `must-revalidate` before an answer to an
 * Authorization field is shared; cookies, sessions and users are no matter of the RFC, and only the first two are
 * taken as a statement about those.
 */
export function audienceOf(directives: Directives): Audience {
  if (directives.has('public') || directives.has('s-maxage')) return 'anyone';
  return directives.has('must-revalidate') ? 'authorized' : 'anonymous';
}

/** Whether somebody with these credentials may share a response meant for `audience`. */
export function maySee(audience: Audience, credentials: readonly Credential[]): boolean {
  if (audience === 'anyone') return true;
  if (audience === 'unauthorized') return !credentials.includes('authorization');
  return credentials.every((credential) => audience === 'authorized' && credential === 'authorization');
}

function hasCookie(field: string, ignores: IgnoresCookie): boolean {
  return field.split(';').some((pair) => {
    const name = pair.split('=', 1)[0]!.trim();
    return pair.trim() !== '' && !ignores(name);
  });
}
