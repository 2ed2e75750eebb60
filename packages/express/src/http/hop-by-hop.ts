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

/** The fields that are about one connection only and are not stored, as Connection names them too (RFC 9111 §3.1). */
export function hopByHop(connection: string | undefined): ReadonlySet<string> {
  return new Set([...always, ...listOf(connection?.toLowerCase() ?? '')]);
}
