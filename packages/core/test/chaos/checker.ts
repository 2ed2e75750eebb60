import type { Kind, Line } from './history.ts';

/** What the source has in the end, and all that was ever done to it. */
export interface SourceState {
  /** By key. */
  readonly rows: ReadonlyMap<string, Row>;
  /** The versions of each key, in the order in which they were committed. */
  readonly log: readonly { readonly key: string; readonly version: number }[];
  /** The ids of all merges that were added, as often as they were. */
  readonly merged: readonly string[];
  /** What the counters say. */
  readonly total: number;
}

export interface Row {
  readonly version: number;
  /** The write that the value is of, or `undefined` for a removal. */
  readonly id: string | undefined;
  /** Of a value that is counted up: its name, and the count. */
  readonly link: string | undefined;
  readonly count: number;
}

/** What is left in the ledger. */
export interface LedgerRest {
  readonly dirty: number;
  readonly dead: readonly { readonly key: string; readonly version: number; readonly ids: readonly string[] }[];
}

export interface Verdict {
  readonly accepted: number;
  /** Accepted writes that neither the source nor a dead letter has, nor a newer one. */
  readonly lost: string[];
  /** Keys whose row is of an older write than the last one that was accepted, or of none that was ever begun. */
  readonly stale: string[];
  /** Keys that went back to an older version. */
  readonly reordered: string[];
  /** Merges and updates that were accepted and not counted, or counted twice. */
  readonly miscounted: string[];
  /** Dead letters of keys that are not poisoned, and poisoned keys that the source took. */
  readonly misburied: string[];
  /** Reads of what a process had written that gave something older. */
  readonly staleReads: string[];
}

const isPoison = (key: string): boolean => key.startsWith('poison');

/** Looks for what must not be in the histories of all processes, once everything has come to rest. */
export function check(lines: readonly Line[], source: SourceState, rest: LedgerRest): Verdict {
  const begun = new Map<string, { kind: Kind; key: string }>();
  const noted = new Map<string, { version: number; key: string; kind: Kind }>();
  const accepted = new Set<string>();
  const staleReads: string[] = [];
  for (const line of lines) {
    if ('begun' in line) begun.set(line.begun, line);
    else if ('noted' in line) noted.set(line.noted, line);
    else if ('accepted' in line) accepted.add(line.accepted);
    else if ('stale' in line) staleReads.push(`${line.stale}: ${JSON.stringify(line.got)} after ${line.wrote}`);
  }
  const highest = new Map<string, { version: number; id: string }>();
  for (const [id, { version, key, kind }] of noted) {
    if (kind === 'merge' || !accepted.has(id)) continue;
    if (version > (highest.get(key)?.version ?? 0)) highest.set(key, { version, id });
  }
  const buried = new Map<string, number>();
  for (const { key, version } of rest.dead) buried.set(key, Math.max(version, buried.get(key) ?? 0));

  const [lost, stale]: [string[], string[]] = [[], []];
  for (const [key, { version, id }] of highest) {
    const row = source.rows.get(key);
    if (Math.max(row?.version ?? 0, buried.get(key) ?? 0) < version) {
      (row === undefined ? lost : stale).push(`${key}: ${id} was accepted as ${version}, there is ${row?.version}`);
    }
    if (row?.id !== undefined && !begun.has(row.id)) stale.push(`${key}: ${row.id} was never begun`);
    const written = row?.id === undefined ? undefined : noted.get(row.id);
    if (written !== undefined && written.version !== row!.version)
      stale.push(`${key}: ${row!.id} under ${row!.version}`);
  }

  const reordered: string[] = [];
  const last = new Map<string, number>();
  for (const { key, version } of source.log) {
    if (version <= (last.get(key) ?? 0)) reordered.push(`${key}: ${version} after ${last.get(key)}`);
    last.set(key, version);
  }

  const times = new Map<string, number>();
  for (const id of source.merged) times.set(id, (times.get(id) ?? 0) + 1);
  const deadMerges = new Set(rest.dead.flatMap(({ ids }) => ids));
  const miscounted = [...times].filter(([, count]) => count > 1).map(([id, count]) => `${id} ${count} times`);
  for (const [id, { kind }] of begun) {
    if (kind !== 'merge' || !accepted.has(id)) continue;
    if (!times.has(id) && !deadMerges.has(id)) miscounted.push(`${id} is missing`);
  }
  if (source.total !== source.merged.length) miscounted.push(`${source.total} of ${source.merged.length} were counted`);
  miscounted.push(...miscountedUpdates(lines, source.rows, accepted));

  const misburied = rest.dead.filter(({ key }) => !isPoison(key)).map(({ key }) => `${key} is a dead letter`);
  for (const key of source.rows.keys()) if (isPoison(key)) misburied.push(`${key} is in the source`);
  if (rest.dirty > 0) lost.push(`${rest.dirty} keys are still dirty`);
  return { accepted: accepted.size, lost, stale, reordered, miscounted, misburied, staleReads };
}

/**
 * Each update was made of the value of another one. So the row tells of all that are counted, one after the other, back to
 * the first: every one that was accepted has to be among them, once.
 */
function miscountedUpdates(lines: readonly Line[], rows: SourceState['rows'], accepted: ReadonlySet<string>): string[] {
  const tried = new Map(lines.flatMap((line) => ('tried' in line ? [[line.tried, line] as const] : [])));
  const miscounted: string[] = [];
  const counted = new Set<string>();
  for (const [key, { link, count }] of rows) {
    let length = 0;
    for (let at = link; at !== undefined; length += 1) {
      const found = tried.get(at);
      if (found === undefined) miscounted.push(`${key}: ${at} was never begun`);
      else if (counted.has(found.of)) miscounted.push(`${key}: ${at} is counted twice`);
      else counted.add(found.of);
      at = found?.after;
    }
    if (link !== undefined && length !== count) miscounted.push(`${key}: ${count} of ${length} updates were counted`);
  }
  for (const of of new Set([...tried.values()].map((each) => each.of))) {
    if (accepted.has(of) && !counted.has(of)) miscounted.push(`${of} is missing`);
  }
  return miscounted;
}
