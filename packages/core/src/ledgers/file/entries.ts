import type { DeadRecord } from '../../model/ledger.ts';
import type { LedgerState, Line, Waiting } from '../ledger-state.ts';

/** What the journal says of one key from now on, or of one dead letter. */
type Entry =
  | { readonly key: string; readonly line: LineHead | undefined; readonly redriven?: string | undefined }
  | { readonly letter: Omit<DeadRecord, 'payload'>; readonly gone?: undefined }
  | { readonly gone: string; readonly letter?: undefined }
  | { readonly last: number };

interface LineHead extends Pick<Line, 'attempts' | 'tried' | 'error'> {
  readonly newest: RecordHead | undefined;
  readonly pinned: RecordHead | undefined;
}

/** A record without its key and payload, which has so many bytes. */
interface RecordHead extends Pick<Waiting, 'op' | 'version' | 'first'> {
  readonly bytes: number;
}

/** An entry as bytes: the length of its head, its head as JSON, and the payloads one after the other. */
function encode(entry: Entry, ...payloads: (Uint8Array | undefined)[]): Buffer {
  const head = Buffer.from(JSON.stringify(entry));
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32LE(head.length, 0);
  return Buffer.concat([length, head, ...payloads.filter((each) => each !== undefined)]);
}

/** What is to be known of a key: nothing, if it is clean; and of which dead letter it is what becomes. */
export function lineEntry(key: string, line: Line | undefined, redriven?: string): Buffer {
  if (line === undefined) return encode({ key, line: undefined });
  const { attempts, tried, error, newest, pinned } = line;
  const head = { attempts, tried, error, newest: headOf(newest), pinned: headOf(pinned) };
  return encode({ key, line: head, redriven }, newest?.payload, pinned?.payload);
}

export function letterEntry({ payload, ...letter }: DeadRecord): Buffer {
  return encode({ letter }, payload);
}

export function goneEntry(gone: string): Buffer {
  return encode({ gone });
}

/** The highest version that was given: of a clean ledger nothing else tells it. */
export function lastEntry(last: number): Buffer {
  return encode({ last });
}

/** Makes the state what the entry says. Claims are not written down: who reads the journal is the only worker. */
export function apply(state: LedgerState, body: Buffer): void {
  const end = 4 + body.readUInt32LE(0);
  const entry = JSON.parse(body.toString('utf8', 4, end)) as Entry;
  // A copy: a view would hold on to the whole file.
  const payloads = Buffer.from(body.subarray(end));
  if ('last' in entry) state.last = Math.max(state.last, entry.last);
  else if ('key' in entry) {
    applyLine(state, entry.key, entry.line, payloads);
    if (entry.redriven !== undefined) state.letters.delete(entry.redriven);
  } else if (entry.letter !== undefined) state.letters.set(entry.letter.id, { ...entry.letter, payload: payloads });
  else if (entry.gone !== undefined) state.letters.delete(entry.gone);
}

function applyLine(state: LedgerState, key: string, head: LineHead | undefined, payloads: Buffer): void {
  state.lines.delete(key);
  if (head === undefined) return;
  const record = (found: RecordHead | undefined, from: number): Waiting | undefined => {
    if (found === undefined) return undefined;
    const { bytes, ...rest } = found;
    state.last = Math.max(state.last, found.version);
    return { ...rest, key, payload: payloads.subarray(from, from + bytes) };
  };
  const { attempts, tried, error } = head;
  const newest = record(head.newest, 0);
  const pinned = record(head.pinned, head.newest?.bytes ?? 0);
  state.lines.set(key, { newest, pinned, due: 0, attempts, tried, error, flight: undefined });
}

function headOf(record: Waiting | undefined): RecordHead | undefined {
  return record && { op: record.op, version: record.version, first: record.first, bytes: record.payload.length };
}
