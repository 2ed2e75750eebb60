import type { Quota } from '@cache/core';
import type { Response } from 'express';

/** Where one limit stands after a request. */
export interface Standing {
  readonly name: string;
  readonly quota: Quota;
  readonly hits: number;
  /** Milliseconds. */
  readonly resetIn: number;
}

/** Tells the client where it stands, and if it is refused when to come again. */
export function setRateLimit(res: Response, standings: readonly Standing[], allowed: boolean): void {
  if (res.headersSent || standings.length === 0) return;
  // Beside those of other limiters: both fields are lists of Structured Fields.
  for (const { name, quota, hits, resetIn } of standings) {
    const { limit, window } = quota;
    res.append('RateLimit-Policy', `"${name}";q=${limit};w=${seconds(window)}`);
    res.append('RateLimit', `"${name}";r=${Math.max(0, limit - hits)};t=${seconds(resetIn)}`);
  }
  if (allowed) return;
  const waits = standings.filter(({ quota, hits }) => hits >= quota.limit).map(({ resetIn }) => resetIn);
  res.set('Retry-After', String(seconds(Math.max(...waits))));
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1_000);
}
