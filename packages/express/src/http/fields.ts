import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeader, ServerResponse } from 'node:http';

/** Reads one header field by its lower-case name; several lines of one field come as one list (RFC 9110 §5.3). */
export type FieldReader = (name: string) => string | undefined;

/** The fields that a response is about to be sent with. */
export function responseFields(response: ServerResponse): FieldReader {
  return (name) => combined(response.getHeader(name));
}

/** The fields of a request. A name that every object has, such as `__proto__`, is a field like any other. */
export function requestFields(headers: IncomingHttpHeaders): FieldReader {
  return (name) => (Object.hasOwn(headers, name) ? combined(headers[name]) : undefined);
}

function combined(value: OutgoingHttpHeader | undefined): string | undefined {
  if (typeof value === 'string' || value === undefined) return value;
  return Array.isArray(value) ? value.join(', ') : String(value);
}

/** Takes fields, by their lower-case names, away from a request, from its raw fields too: proxies pass those on. */
export function removeFields(request: IncomingMessage, names: readonly string[]): void {
  if (!names.some((name) => Object.hasOwn(request.headers, name))) return;
  for (const name of names) delete request.headers[name];
  const raw = request.rawHeaders;
  request.rawHeaders = raw.filter((_, at) => !names.includes(raw[at - (at % 2)]!.toLowerCase()));
}

/** Adds a field to a request that has not got it. */
export function addField(request: IncomingMessage, name: string, value: string): void {
  request.headers[name.toLowerCase()] = value;
  request.rawHeaders = [...request.rawHeaders, name, value];
}

/** Splits a comma-separated list, without its empty elements (RFC 9110 §5.6.1). */
export function listOf(value: string): string[] {
  return value
    .split(',')
    .map((element) => element.trim())
    .filter((element) => element !== '');
}

/** True for what may be a field name (RFC 9110 §5.6.2). */
export function isToken(text: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text);
}
