import { isToken, listOf } from './fields.ts';

/** Directives of a Cache-Control field by lower-case name; one without an argument is `''` (RFC 9111 §5.2). */
export type Directives = ReadonlyMap<string, string>;

const longest = 2 ** 31;

/**
 * Parses a Cache-Control field, in one pass over it. Of a directive that is there twice the first counts (§4.2.1).
 * What is malformed is read the cautious way: a semicolon separates, and a quote that does not end quotes nothing, so
 * that neither can hide a `private` or a `no-store`.
 */
export function parseCacheControl(value: string | undefined): Directives {
  const directives = new Map<string, string>();
  for (const part of value === undefined ? [] : split(value)) {
    const equals = part.indexOf('=');
    const name = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase();
    if (name === '') continue;
    const argument = equals < 0 ? '' : unquoted(part.slice(equals + 1).trim());
    const before = directives.get(name);
    if (before === undefined) directives.set(name, argument);
    else if (qualified.has(name)) directives.set(name, both(before, argument));
  }
  return directives;
}

/** The argument of `max-age` and the like in milliseconds: `undefined` without it, 0 for one that is no number (§4.2.1). */
export function deltaSeconds(directives: Directives, name: string): number | undefined {
  const argument = directives.get(name);
  if (argument === undefined) return undefined;
  // §1.2.2: what is too large to hold counts as 2^31 seconds.
  return /^\d+$/.test(argument) ? Math.min(Number(argument), longest) * 1_000 : 0;
}

/** Of these an argument names the fields that they are about; without one they are about the whole response. */
const qualified = new Set(['private', 'no-cache']);

function both(one: string, other: string): string {
  return one === '' || other === '' ? '' : `${one}, ${other}`;
}

/** The fields that `private="…"` or `no-cache="…"` names, in lower case; `undefined` if it is about the whole response. */
export function fieldsNamed(directives: Directives, name: 'private' | 'no-cache'): readonly string[] | undefined {
  const argument = directives.get(name);
  const fields = argument === undefined ? [] : listOf(argument.toLowerCase());
  return fields.length > 0 && fields.every(isToken) ? fields : undefined;
}

function split(value: string): string[] {
  const parts: string[] = [];
  const lastQuote = value.lastIndexOf('"');
  let begin = 0;
  let quoted = false;
  for (let at = 0; at < value.length; at += 1) {
    const character = value[at];
    if (quoted && character === '\\') at += 1;
    else if (character === '"') quoted = !quoted && at < lastQuote;
    else if (!quoted && (character === ',' || character === ';')) {
      parts.push(value.slice(begin, at));
      begin = at + 1;
    }
  }
  parts.push(value.slice(begin));
  return parts;
}

/** §5.2: the token form and the quoted-string form mean the same. */
function unquoted(argument: string): string {
  const quoted = argument.length >= 2 && argument.startsWith('"') && argument.endsWith('"');
  return quoted ? argument.slice(1, -1) : argument;
}
