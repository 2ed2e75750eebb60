import type { Row } from './source.ts';

export interface Options {
  readonly ttl: number;
  readonly staleWhileRevalidate: number;
  readonly grace: number;
  readonly negativeTtl: number | undefined;
  readonly errorTtl: number;
  readonly maxIdle: number | undefined;
  readonly refreshAhead: boolean;
  readonly soft: number | undefined;
  readonly hard: number;
}

export interface Tiers {
  readonly memory: boolean;
  readonly shared: boolean;
}

/** For how long memory gives what it has from a shared tier, as `createCache` is told. */
export const maxLocalStaleness = 1_000;

export interface Entry {
  readonly row: Exclude<Row, undefined>;
  readonly createdAt: number;
  readonly freshUntil: number;
  readonly staleUntil: number;
  readonly graceUntil: number;
  readonly loadMs: number;
}

export type State = 'fresh' | 'stale' | 'grace' | 'over';

export function stateAt(now: number, { freshUntil, staleUntil, graceUntil }: Entry): State {
  if (now < freshUntil) return 'fresh';
  if (now < staleUntil) return 'stale';
  return now < graceUntil ? 'grace' : 'over';
}

/** The lives of a row that is fresh from now on. */
export function timesFrom(
  now: number,
  row: Row,
  ttl: number,
  { negativeTtl, staleWhileRevalidate, grace }: Options,
): Pick<Entry, 'freshUntil' | 'staleUntil' | 'graceUntil'> {
  const freshUntil = now + (row === null ? (negativeTtl ?? ttl) : ttl);
  return { freshUntil, staleUntil: freshUntil + staleWhileRevalidate, graceUntil: freshUntil + grace };
}

/** The same entry, whose later lives begin now. */
export function expiredAt(now: number, entry: Entry): Entry {
  const { freshUntil, staleUntil, graceUntil } = entry;
  const early = Math.max(0, freshUntil - now);
  return { ...entry, freshUntil: freshUntil - early, staleUntil: staleUntil - early, graceUntil: graceUntil - early };
}
