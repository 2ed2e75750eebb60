import { type FieldReader, isToken, listOf } from './fields.ts';

/** The most fields a response may name; more is not a choice between variants, it is `*` in other words. */
const mostFields = 16;

/**
 * The request fields that a response depends on, in lower case, sorted, each once (RFC 9110 §12.5.5); `undefined` where
 * no request can be known to match: `*`, a name that is none, or too many.
 */
export function parseVary(value: string | undefined): readonly string[] | undefined {
  if (value === undefined) return [];
  if (value.length > 4_096) return undefined;
  const names = [...new Set(listOf(value.toLowerCase()))].sort();
  const fine = names.length <= mostFields && names.every((name) => name !== '*' && isToken(name));
  return fine ? names : undefined;
}

/**
 * What a request says in the fields that a response depends on, as one text: two requests get one variant if and only
 * if these are equal. White space around the elements of a list does not count (RFC 9111 §4.1).
 */
export function selectingText(vary: readonly string[], fields: FieldReader): string {
  return vary.map((name) => `${name}${selectingValue(fields(name))}`).join('\n');
}

/** A field that is absent and one that is empty are two things. */
function selectingValue(value: string | undefined): string {
  return value === undefined ? '' : `:${value.trim().replace(/[ \t]*,[ \t]*/g, ',')}`;
}
