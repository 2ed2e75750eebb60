import type { IncomingMessage } from 'node:http';
import { type FieldReader, removeFields, requestFields } from './fields.ts';

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

const kinds = new Map<string, 'forwards' | 'overrides'>();
for (const name of forwarding) kinds.set(name, 'forwards');
for (const name of overriding) kinds.set(name, 'overrides');

/**
 * What becomes of requests with such fields: the cache stands aside (`bypass`), the handler does not see them (`strip`),
 * or they are part of the key (`key`).
 */
export type UnkeyedHeaders = 'bypass' | 'strip' | 'key';

/**
 * Request fields that change an answer and that no key holds by itself: whoever sends one could have an answer of
 * their making stored for everybody. `refused` names one that rules the cache out; `keyed` is what to add to the key.
 *
 * Forwarding fields are keyed where Express trusts who sent them (`trust proxy`), since `req.hostname` and
 * `req.protocol` derive from them then. With those from anybody else, and with overriding fields from anybody at all,
 * is done what `treatment` says.
 */
export function unkeyedInput(
  request: IncomingMessage,
  treatment: UnkeyedHeaders,
  trusted: () => boolean,
): { refused?: string; keyed: string } {
  const names = namesIn(request);
  if (names === undefined) return none;
  const fields = requestFields(request.headers);
  const overrides = names.filter((name) => kinds.get(name) === 'overrides');
  const forwards = names.filter((name) => kinds.get(name) === 'forwards');
  const believed = forwards.length > 0 && trusted();
  const suspects = believed ? overrides : [...overrides, ...forwards];
  if (treatment === 'bypass' && suspects.length > 0) return { refused: suspects[0]!, keyed: '' };
  if (treatment === 'strip') removeFields(request, suspects);
  return { keyed: keyedText(treatment === 'key' ? [...overrides, ...forwards] : believed ? forwards : [], fields) };
}

const none = { keyed: '' };

/** The fields of both kinds that a request has, sorted; `undefined` for the usual request, which has none. */
function namesIn({ headers }: IncomingMessage): string[] | undefined {
  let names: string[] | undefined;
  for (const name in headers) {
    if (kinds.has(name)) (names ??= []).push(name);
  }
  return names?.sort();
}

function keyedText(names: readonly string[], fields: FieldReader): string {
  return names.map((name) => `${name}=${encodeURIComponent(fields(name)!.trim().toLowerCase())}`).join('&');
}
