import type { ClaimedRecord, DeadRecord, DirtyOp, DirtyRecord, Unwritten } from '../../../model/ledger.ts';

const ops: Record<string, DirtyOp> = { s: 'save', r: 'remove', m: 'merge' };

/** How the scripts write an operation. */
export function letterOf(op: DirtyOp): string {
  return op[0]!;
}

/** A record as the scripts keep it: `version first op\npayload`. */
function recordOf(key: string, text: Buffer): DirtyRecord {
  const end = text.indexOf('\n');
  const [version, , op] = text.toString('latin1', 0, end).split(' ');
  return { key, op: ops[op!]!, payload: text.subarray(end + 1), version: Number(version) };
}

export function unwrittenOf(key: string, newest: Buffer | null, pinned: Buffer | null): Unwritten | undefined {
  if (newest === null && pinned === null) return undefined;
  return {
    newest: newest === null ? undefined : recordOf(key, newest),
    pinned: pinned === null ? undefined : recordOf(key, pinned),
  };
}

/** What a claim gives: key, attempts and record of each, in a row. */
export function claimedOf(flat: readonly Buffer[]): ClaimedRecord[] {
  const records: ClaimedRecord[] = [];
  for (let at = 0; at < flat.length; at += 3) {
    const [key, attempts, text] = flat.slice(at, at + 3) as [Buffer, Buffer, Buffer];
    records.push({ ...recordOf(key.toString(), text), attempts: Number(attempts.toString()) });
  }
  return records;
}

/** A dead letter as the stream has it. */
export function deadOf([id, flat]: readonly [Buffer, readonly Buffer[]]): DeadRecord {
  const fields = new Map<string, Buffer>();
  for (let at = 0; at < flat.length; at += 2) fields.set(flat[at]!.toString(), flat[at + 1]!);
  const text = (name: string): string => fields.get(name)!.toString();
  const record = recordOf(text('k'), fields.get('r')!);
  return { ...record, id: id.toString(), attempts: Number(text('a')), error: text('e') };
}
