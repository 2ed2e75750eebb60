/**
 * The same error, which Express answers by 503 unless an error handler says otherwise: what was asked of a store could
 * not be found out, and the client is not to blame.
 */
export function unavailable(error: unknown): unknown {
  const isOurs = error instanceof Error && 'code' in error && /^(STORE_|CLOSED$)/.test(String(error.code));
  return isOurs ? Object.assign(error, { status: 503 }) : error;
}
