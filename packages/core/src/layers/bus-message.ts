import type { TagClock } from '../model/entry.ts';

/** What one process tells the others. */
export type Announcement =
  /** It lives, and has said all up to this number. `sentAt` is by its own `Clock.elapsed`. */
  | { readonly kind: 'beat'; readonly sentAt: number }
  /** It has changed what these addresses hold. */
  | { readonly kind: 'keys'; readonly addresses: readonly string[] }
  /** It has invalidated tags, at this instant of their record. */
  | { readonly kind: 'tags'; readonly tags: readonly string[]; readonly clock: TagClock }
  /** It goes; its silence from now on means nothing. */
  | { readonly kind: 'bye' };

export interface BusMessage {
  readonly publisher: string;
  /** Counts the messages of the publisher, from 1. */
  readonly number: number;
  readonly announcement: Announcement;
}

export function encodeMessage({ publisher, number, announcement }: BusMessage): string {
  return JSON.stringify([publisher, number, announcement]);
}

/** `undefined` for what is no message of this version. */
export function decodeMessage(text: string): BusMessage | undefined {
  try {
    const [publisher, number, announcement] = JSON.parse(text) as [unknown, unknown, unknown];
    if (typeof publisher !== 'string' || !Number.isSafeInteger(number) || !isAnnouncement(announcement))
      return undefined;
    return { publisher, number: number as number, announcement };
  } catch {
    return undefined;
  }
}

function isAnnouncement(value: unknown): value is Announcement {
  const fields = value as {
    kind?: unknown;
    sentAt?: unknown;
    addresses?: unknown;
    tags?: unknown;
    clock?: unknown;
  } | null;
  switch (fields?.kind) {
    case 'beat':
      return typeof fields.sentAt === 'number';
    case 'keys':
      return areTexts(fields.addresses);
    case 'tags':
      return areTexts(fields.tags) && isClock(fields.clock);
    default:
      return fields?.kind === 'bye';
  }
}

function areTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function isClock(value: unknown): boolean {
  const clock = value as { generation?: unknown; at?: unknown } | null | undefined;
  return typeof clock?.generation === 'string' && Number.isFinite(clock.at);
}
