import { deltaSeconds, type Directives } from './cache-control.ts';
import type { FieldReader } from './fields.ts';
import { parseHttpDate } from './http-date.ts';

/**
 * For how long a response is fresh in a shared cache, in milliseconds from when it was generated: its `s-maxage`, else
 * `max-age`, else Expires minus Date (RFC 9111 §4.2.1). `undefined` for one that says nothing; 0 for one that says it
 * wrongly, which counts as stale.
 */
export function explicitLifetime(directives: Directives, fields: FieldReader, receivedAt: number): number | undefined {
  return (
    deltaSeconds(directives, 's-maxage') ??
    deltaSeconds(directives, 'max-age') ??
    expiresLifetime(fields('expires'), fields('date'), receivedAt)
  );
}

function expiresLifetime(
  expires: string | undefined,
  date: string | undefined,
  receivedAt: number,
): number | undefined {
  if (expires === undefined) return undefined;
  const end = parseHttpDate(expires);
  const generated = date === undefined ? NaN : parseHttpDate(date);
  const lifetime = end - (Number.isNaN(generated) ? receivedAt : generated);
  // §5.3: an invalid date, "0" among them, is one in the past.
  return lifetime > 0 ? lifetime : 0;
}
