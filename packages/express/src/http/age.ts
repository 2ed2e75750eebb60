import type { FieldReader } from './fields.ts';
import { parseHttpDate } from './http-date.ts';

/**
 * How old a response was when the handler gave it, in milliseconds (RFC 9111 §4.2.3): zero for one that was made just
 * now, more for one that came from an origin through other caches.
 */
export function initialAge(fields: FieldReader, receivedAt: number): number {
  const date = fields('date');
  const generated = date === undefined ? NaN : parseHttpDate(date);
  const apparent = Number.isNaN(generated) ? 0 : Math.max(0, receivedAt - generated);
  // Date has whole seconds only: what looks less than one old may be new.
  return Math.max(apparent < 1_000 ? 0 : apparent, ageField(fields('age')));
}

/** §5.1: of several values the first counts, and what is no number is ignored. */
function ageField(value: string | undefined): number {
  const [first = ''] = value?.split(',') ?? [];
  return /^\s*\d{1,10}\s*$/.test(first) ? Number(first) * 1_000 : 0;
}
