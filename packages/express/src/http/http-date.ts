const imfFixdate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const rfc850 = /^[A-Z][a-z]{5,8}, (\d{2}-[A-Z][a-z]{2}-)(\d{2})( \d{2}:\d{2}:\d{2} GMT)$/;
const asctime = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/** The instant of an HTTP date in any of its three forms (RFC 9110 §5.6.7), in milliseconds; NaN for anything else. */
export function parseHttpDate(text: string): number {
  if (imfFixdate.test(text)) return Date.parse(text);
  if (asctime.test(text)) return Date.parse(`${text} GMT`);
  const parts = rfc850.exec(text);
  return parts === null ? NaN : Date.parse(parts[1]! + fullYear(Number(parts[2])) + parts[3]!);
}

/** An instant in the preferred form, IMF-fixdate. */
export function formatHttpDate(instant: number): string {
  return new Date(instant).toUTCString();
}

/** §5.6.7: two digits that would be more than fifty years ahead are of the past. */
function fullYear(digits: number): string {
  const now = new Date().getUTCFullYear();
  const year = now - (now % 100) + digits;
  return String(year > now + 50 ? year - 100 : year);
}
