import { type FieldReader, isToken, listOf } from './fields.ts';

/** The most fields a response may name; more is not a choice between variants, it is `*` in other words. */
const mostFields = 16;

/**
 * The request fields that a response depends on, in lower case, sorted, each once (RFC 9110 §12.5.5); `undefined` where
 * no request can be known to match: `*`, a name that is none, too many, or the one field that Node drops.
 */
export function parseVary(value: string | undefined): readonly string[] | undefined {
  if (value === undefined) return [];
  if (value.length > 4_096) return undefined;
  const names = [...new Set(listOf(value.toLowerCase()))].sort();
  const fine = names.length <= mostFields && names.every((name) => !unknowable.has(name) && isToken(name));
  return fine ? names : undefined;
}

const unknowable = new Set(['*', '__proto__']);

/** What a request field says, as far as responses depend on it; `undefined` for a field that is absent. */
export type Normalise = (name: string, value: string | undefined) => string | undefined;

/**
 * What a request says in the fields that a response depends on, as one text: two requests get one variant if and only
 * if these are equal.
 */
export function selectingText(vary: readonly string[], fields: FieldReader, normalise: Normalise): string {
  return vary.map((name) => `${name}${marked(normalise(name, fields(name)))}`).join('\n');
}

// RFC 9110 §12.5: lists of preferences, whose order has no meaning beside their weights.
const preferences = new Set(['accept', 'accept-charset', 'accept-encoding', 'accept-language']);
// Their elements mean the same in any case; parameters of a media type may not.
const caseless = new Set(['accept-charset', 'accept-encoding', 'accept-language']);

/** RFC 9111 §4.1: what is known not to change the meaning of a field does not count: white space, order, case. */
export const normalised: Normalise = (name, value) => {
  if (value === undefined) return undefined;
  // A quoted string may hold a comma, and white space that counts.
  if (value.includes('"')) return value.trim();
  // With a pattern for the white space around a separator, a run of it would be read once for each of its characters.
  const parts = value.split(/([,;])/);
  const compact = parts.length === 1 ? value.trim() : parts.map((part) => part.trim()).join('');
  if (!preferences.has(name)) return compact;
  const text = caseless.has(name) ? compact.toLowerCase() : compact;
  return listOf(text).sort().join(',');
};

/** A field that is absent and one that is empty are two things. */
function marked(value: string | undefined): string {
  return value === undefined ? '' : `:${value}`;
}
