// RFC 9111 §4.2: case does not count for a cache, any zone but GMT makes the date invalid.
const imfFixdate = /^[a-z]{3}, \d{2} [a-z]{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/i;
const rfc850 = /^[a-z]{6,9}, (\d{2}-[a-z]{3}-)(\d{2})( \d{2}:\d{2}:\d{2} GMT)$/i;
const asctime = /^[a-z]{3} [a-z]{3} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/i;

/**
 * The instant of an HTTP date in any of its three forms (RFC 9110 §5.6.7), in milliseconds; NaN for anything else. One
 * form has a year of two digits, which is read as seen from `now`.
 */
export function parseHttpDate(text: string, now: number): number {
  if (imfFixdate.test(text)) return Date.parse(text);
  if (asctime.test(text)) return Date.parse(`${text} GMT`);
  const parts = rfc850.exec(text);
  return parts === null ? NaN : withShortYear(parts[1]!, Number(parts[2]), parts[3]!, now);
}

/** An instant in the preferred form, IMF-fixdate. */
export function formatHttpDate(instant: number): string {
  return new Date(instant).toUTCString();
}

/** §5.6.7: what would be more than fifty years ahead is of the century before. */
function withShortYear(day: string, digits: number, time: string, now: number): number {
  const ahead = new Date(now);
  const current = ahead.getUTCFullYear();
  ahead.setUTCFullYear(current + 50);
  const year = current - (current % 100) + digits;
  const instant = Date.parse(`${day}${year}${time}`);
  return instant > ahead.getTime() ? Date.parse(`${day}${year - 100}${time}`) : instant;
}
