import type { FieldReader } from './fields.ts';
import { parseHttpDate } from './http-date.ts';

/**
 * How old a response was when the handler gave it, in milliseconds (RFC 9111 §4.2.3): zero for one that was made just
 * now, more for one that came from an origin through other caches. `delay` is how long the handler took: so much older
 * than its Age says is what came from far away.
 */
export function initialAge(fields: FieldReader, receivedAt: number, delay: number): number {
  const date = fields('date');
  const generated = date === undefined ? NaN : parseHttpDate(date, receivedAt);
  const apparent = Number.isNaN(generated) ? 0 : Math.max(0, receivedAt - generated);
  const told = ageField(fields('age'));
  // Date has whole seconds only: what looks less than one old may be new.
  return Math.max(apparent < 1_000 ? 0 : apparent, told === undefined ? 0 : told + delay);
}

/** §5.1: of several values the first counts, and what is no number is ignored. */
function ageField(value: string | undefined): number | undefined {
  const [first = ''] = value?.split(',', 1) ?? [];
  const digits = first.trim();
  // §1.2.2: what is too large to hold counts as 2^31 seconds.
  return /^\d+$/.test(digits) ? Math.min(Number(digits), 2 ** 31) * 1_000 : undefined;
}
