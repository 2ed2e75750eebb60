const imfFixdate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const rfc850 = /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/;
const asctime = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/** The instant of an HTTP date in any of its three forms (RFC 9110 §5.6.7), in milliseconds; NaN for anything else. */
export function parseHttpDate(text: string): number {
  if (imfFixdate.test(text) || rfc850.test(text)) return Date.parse(text);
  return asctime.test(text) ? Date.parse(`${text} GMT`) : NaN;
}

/** An instant in the preferred form, IMF-fixdate. */
export function formatHttpDate(instant: number): string {
  return new Date(instant).toUTCString();
}
