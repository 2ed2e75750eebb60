import type { SessionData } from 'express-session';

/**
 * For how many milliseconds a session lives from now; zero or less for one whose time is over. It is the time that its
 * cookie was given when that was last set, and `fallback` where the cookie ends with the browser.
 *
 * Its `expires` counts only where nothing else is known: it may have been set on a machine whose clock goes differently.
 */
export function sessionTtl({ cookie }: SessionData, fallback: number): number {
  const { originalMaxAge, expires, maxAge } = cookie;
  if (isFinite(originalMaxAge)) return originalMaxAge;
  const left = expires == null ? NaN : new Date(expires).getTime() - Date.now();
  if (isFinite(left)) return left;
  return isFinite(maxAge) ? maxAge : fallback;
}

function isFinite(ms: unknown): ms is number {
  return Number.isFinite(ms);
}
