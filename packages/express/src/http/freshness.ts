import { deltaSeconds, type Directives } from './cache-control.ts';
import type { FieldReader } from './fields.ts';
import { parseHttpDate } from './http-date.ts';
import type { Instructions } from './targeted.ts';

/** Heuristic freshness is never longer than a day. */
const longestGuess = 24 * 3_600_000;

/**
 * For how long a response is fresh in a shared cache, in milliseconds from when it was generated: its `s-maxage`, else
 * `max-age`, else Expires minus Date (RFC 9111 §4.2.1). `undefined` for one that says nothing; 0 for one that says it
 * wrongly, which counts as stale.
 */
export function explicitLifetime(
  { directives, targeted }: Instructions,
  fields: FieldReader,
  receivedAt: number,
): number | undefined {
  const lifetime = deltaSeconds(directives, 's-maxage') ?? deltaSeconds(directives, 'max-age');
  if (lifetime !== undefined || targeted) return lifetime;
  return expiresLifetime(fields('expires'), fields('date'), receivedAt);
}

/** A tenth of the time since the response was last modified (RFC 9111 §4.2.2); `undefined` if that is not known. */
export function heuristicLifetime(fields: FieldReader, receivedAt: number): number | undefined {
  const modified = dateIn(fields('last-modified'), receivedAt);
  if (Number.isNaN(modified)) return undefined;
  const date = dateIn(fields('date'), receivedAt);
  const since = (Number.isNaN(date) ? receivedAt : date) - modified;
  return Math.min(Math.max(0, since / 10), longestGuess);
}

/** For how long a response may be used after the end of its freshness, in milliseconds (RFC 5861). */
export interface StaleUse {
  readonly staleWhileRevalidate: number;
  readonly staleIfError: number;
  /** RFC 9111 §4.2.4: it may not be used stale, whatever a request allows. */
  readonly mustRevalidate: boolean;
}

/** What a response says of its use when stale. `defaults` are for one that neither allows nor forbids it. */
export function staleUse(
  directives: Directives,
  strict: boolean,
  defaults: Omit<StaleUse, 'mustRevalidate'>,
): StaleUse {
  const forbidden = ['no-cache', 'must-revalidate', 'proxy-revalidate'].some((name) => directives.has(name));
  // §5.2.2.10: `s-maxage` forbids it too. Beside an explicit `stale-while-revalidate` it is not meant to: CDNs read it so.
  const implied = directives.has('s-maxage');
  if (forbidden || (implied && strict)) return never;
  const allowed = (name: string): number | undefined => deltaSeconds(directives, name);
  return {
    staleWhileRevalidate: allowed('stale-while-revalidate') ?? (implied ? 0 : defaults.staleWhileRevalidate),
    staleIfError: allowed('stale-if-error') ?? (implied ? 0 : defaults.staleIfError),
    mustRevalidate: implied,
  };
}

const never: StaleUse = { staleWhileRevalidate: 0, staleIfError: 0, mustRevalidate: true };

function expiresLifetime(
  expires: string | undefined,
  date: string | undefined,
  receivedAt: number,
): number | undefined {
  if (expires === undefined) return undefined;
  const generated = dateIn(date, receivedAt);
  const lifetime = parseHttpDate(expires, receivedAt) - (Number.isNaN(generated) ? receivedAt : generated);
  // §5.3: an invalid date, "0" among them, is one in the past.
  return lifetime > 0 ? lifetime : 0;
}

function dateIn(field: string | undefined, now: number): number {
  return field === undefined ? NaN : parseHttpDate(field, now);
}
