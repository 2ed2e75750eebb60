import { shown } from './errors.ts';
import { invalid } from './options.ts';

/** Bytes, or a number with a unit: `'512kb'`, `'64mb'`, `'2gb'` (powers of 1024). */
export type ByteSize = number | `${number}${'kb' | 'mb' | 'gb'}`;

const units: Record<string, number> = { kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };

/** The size in whole bytes, at least one; `where` names the option in the error. */
export function parseBytes(value: unknown, where: string): number {
  const match = typeof value === 'string' ? /^(\d{1,9}(?:\.\d{1,3})?)(kb|mb|gb)$/i.exec(value) : null;
  const bytes = match === null ? value : Math.floor(Number(match[1]) * units[match[2]!.toLowerCase()]!);
  if (typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw invalid(where, `must be a number of bytes or a string such as '512kb', '64mb' or '2gb', not ${shown(value)}`);
}
