import type { IncomingMessage } from 'node:http';
import { type FieldReader, requestFields } from './fields.ts';

/** What a proxy says about the request as it came to it. */
const forwarding = [
  'forwarded',
  'front-end-https',
  'x-forwarded-host',
  'x-forwarded-path',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-proto',
  'x-forwarded-scheme',
  'x-forwarded-server',
  'x-forwarded-ssl',
  'x-forwarded-uri',
  'x-host',
  'x-original-host',
  'x-scheme',
];

/** What makes another request of the one there is. */
const overriding = [
  'x-http-host-override',
  'x-http-method',
  'x-http-method-override',
  'x-http-path-override',
  'x-method-override',
  'x-original-uri',
  'x-original-url',
  'x-rewrite-url',
];

/**
 * Request fields that change an answer and that no key holds by itself: whoever sends one could have an answer of
 * their making stored for everybody. `refused` names one that rules the cache out; `keyed` is what to add to the key.
 *
 * Forwarding fields are keyed where Express trusts who sent them (`trust proxy`), since `req.hostname` and
 * `req.protocol` derive from them then. From anybody else, and overriding fields from anybody at all, they are refused.
 */
export function unkeyedInput(request: IncomingMessage, trusted: () => boolean): { refused?: string; keyed: string } {
  const fields = requestFields(request.headers);
  const refused = overriding.find((name) => fields(name) !== undefined);
  if (refused !== undefined) return { refused, keyed: '' };
  const present = forwarding.filter((name) => fields(name) !== undefined);
  if (present.length === 0) return { keyed: '' };
  return trusted() ? { keyed: keyedText(present, fields) } : { refused: present[0]!, keyed: '' };
}

function keyedText(names: readonly string[], fields: FieldReader): string {
  return names.map((name) => `${name}=${encodeURIComponent(fields(name)!.trim().toLowerCase())}`).join('&');
}
