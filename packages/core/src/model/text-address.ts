import { createHash } from 'node:crypto';

/**
 * An address for any text, whatever its length and characters: short plain text is its own, of all else it is the
 * SHA-256. No two texts have one, not even such as UTF-8 cannot tell apart (lone surrogates).
 */
export function textAddress(text: string): string {
  if (/^[\w-]{1,100}$/.test(text)) return text;
  return `=${createHash('sha256').update(Buffer.from(text, 'utf16le')).digest('base64url')}`;
}
