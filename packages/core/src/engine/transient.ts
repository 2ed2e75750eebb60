const codes = new Set(
  'ECONNREFUSED ECONNRESET ECONNABORTED EPIPE ETIMEDOUT EHOSTUNREACH ENETUNREACH ENOTFOUND EAI_AGAIN'.split(' '),
);

// SQLSTATE: connection exception, transaction rollback, insufficient resources, object in use, operator intervention,
// system error.
const states = /^(?:08|40|53|55006|55P03|57|58)/;

/**
 * Whether an error tells of a source that is away or busy, and nothing about what was to be written: by Node's codes, by
 * SQLSTATE, by its name, or by a field `transient` of its own.
 */
export function isTransient(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, name, transient, message } = error as Record<string, unknown>;
  if (typeof transient === 'boolean') return transient;
  if (name === 'AbortError' || name === 'TimeoutError') return true;
  if (typeof code === 'string') return codes.has(code) || (code.length === 5 && states.test(code));
  return (
    typeof message === 'string' && /^(?:Connection terminated|Client has encountered a connection error)/.test(message)
  );
}
