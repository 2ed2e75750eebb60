import { type Directives, parseCacheControl } from './cache-control.ts';
import type { FieldReader } from './fields.ts';
import { parseDictionary } from './structured-field.ts';

/** The fields that are meant for caches such as this one, most specific first (RFC 9213 §2.2). */
const targets = ['cdn-cache-control'];

/** What a response says to caches. */
export interface Instructions {
  readonly directives: Directives;
  /** They come from a targeted field: Cache-Control and Expires are for others. */
  readonly targeted: boolean;
}

/** The directives of the first targeted field that is valid and not empty, else those of Cache-Control (RFC 9213 §2.2). */
export function instructionsOf(fields: FieldReader): Instructions {
  for (const name of targets) {
    const field = fields(name);
    // §2.1: a field that is no Dictionary is ignored, and so are its duplicates: they make one Dictionary.
    const members = field === undefined ? undefined : parseDictionary(field);
    if (members === undefined || members.size === 0) continue;
    const directives = new Map<string, string>();
    // A number comes as a number only: `max-age="60"` is of the wrong type, and no lifetime.
    for (const [directive, value] of members) {
      if (value !== false) directives.set(directive, value === true ? '' : typedText(value));
    }
    return { directives, targeted: true };
  }
  return { directives: parseCacheControl(fields('cache-control')), targeted: false };
}

function typedText(value: string | number): string {
  return typeof value === 'string' && /^\d+$/.test(value) ? `"${value}"` : String(value);
}
