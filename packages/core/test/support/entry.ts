import type { Entry } from '../../src/model/entry.ts';

/** An entry of which only what a test is about needs saying. */
export function entryOf(parts: Partial<Entry> = {}): Entry {
  const known = { generation: '', at: 0 };
  const times = { createdAt: 0, freshUntil: Infinity, staleUntil: Infinity, graceUntil: Infinity };
  return { value: 'value', tags: [], known, loadMs: 0, ...times, ...parts };
}
