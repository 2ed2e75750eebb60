import type { Entry } from '../model/entry.ts';

/**
 * How an entry may be used: `fresh`, by anybody; `stale`, at once while a refresh runs; `grace`, only where the source
 * fails or is too slow; `over`, not at all.
 */
export type Freshness = 'fresh' | 'stale' | 'grace' | 'over';

/** The freshness of an entry at the instant `now`, in milliseconds since the epoch. */
export function freshnessOf(entry: Entry, now: number): Freshness {
  if (now < entry.freshUntil) return 'fresh';
  if (now < entry.staleUntil) return 'stale';
  return now < entry.graceUntil ? 'grace' : 'over';
}

/** Refreshes earlier than so many load times before the end have a chance of less than 1 : 20 000, and are left out. */
const earliest = 10;

/**
 * For how many milliseconds before the end of its freshness an entry may be refreshed ahead: outside of that time
 * nobody needs to throw dice.
 */
export function refreshWindow(loadMs: number, beta: number): number {
  return beta * loadMs * earliest;
}

/**
 * Whether this very read is to refresh an entry that is still fresh: the more likely the nearer its end is and the
 * longer its load takes. XFetch, from "Optimal Probabilistic Cache Stampede Prevention" (Vattani et al., VLDB 2015);
 * `beta` 1 is the paper's optimum, higher is earlier, 0 is never.
 */
export function isRefreshDue(entry: Entry, now: number, beta: number, random: () => number): boolean {
  const left = entry.freshUntil - now;
  // 1 - random() is never zero, as a logarithm needs it.
  return left <= refreshWindow(entry.loadMs, beta) && -Math.log(1 - random()) * beta * entry.loadMs >= left;
}
