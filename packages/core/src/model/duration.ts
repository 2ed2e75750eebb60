import { CacheError, shown } from './errors.ts';

/** Milliseconds, or a number with a unit: `'150ms'`, `'10s'`, `'5m'`, `'2h'`, `'1d'`, fractions too (`'1.5s'`). */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const longest = 365 * units['d']! * 10;

/** The duration in whole milliseconds; `where` names the option in the error. Zero is allowed, ten years is the most. */
export function parseDuration(value: unknown, where: string): number {
  const ms = typeof value === 'number' ? value : typeof value === 'string' ? fromText(value) : NaN;
  if (Number.isFinite(ms) && ms >= 0 && ms <= longest) return Math.round(ms);
  throw new CacheError(
    'INVALID_DURATION',
    `${where}: ${shown(value)} is not a duration; write milliseconds (1500) or a string such as '150ms', '10s', '5m', '2h' or '1d', of ten years at most`,
  );
}

function fromText(text: string): number {
  const match = /^(\d{1,15}(?:\.\d{1,6})?)(ms|s|m|h|d)$/.exec(text);
  return match === null ? NaN : Number(match[1]) * units[match[2]!]!;
}
