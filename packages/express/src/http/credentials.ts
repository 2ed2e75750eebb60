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
  const isUsers = hasUser(request);
  const isOfSession = hasSession(request);
  if (authorization === undefined && cookie === undefined && !isUsers && !isOfSession) return noCredentials;
  const found: Credential[] = [];
  if (authorization !== undefined) found.push('authorization');
  if (cookie !== undefined && hasCookie(cookie, ignores)) found.push('cookie');
  if (isUsers) found.push('user');
  if (isOfSession) found.push('session');
  return found;
}

/** Of nobody in particular. */
export const noCredentials: readonly Credential[] = [];

// A getter of some middleware's that throws counts as somebody. One function for each, since this is the hot path: a
// property that is asked for by name alone is found, or found missing, much sooner.
function hasUser(request: IncomingMessage & { user?: unknown }): boolean {
  try {
    return request.user != null;
  } catch {
    return true;
  }
}

function hasSession(request: IncomingMessage & { session?: unknown }): boolean {
  try {
    return request.session != null;
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
