import { listOf } from './fields.ts';

const always = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/**
 * The names, in lower case, of the fields of a message that are about one connection only, for a handler that passes
 * messages on: it leaves them out (RFC 9110 §7.6.1), as `cacheResponse` does of what it stores (RFC 9111 §3.1).
 *
 * @param connection The message's Connection field, which names more of them.
 */
export function hopByHop(connection: string | undefined): ReadonlySet<string> {
  return new Set([...always, ...listOf(connection?.toLowerCase() ?? '')]);
}
