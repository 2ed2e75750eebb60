import type { DirtyKey, WriteResult } from '../engine/source-writer.ts';

/** What a statement of a fence tells of each key; the version is the one from before it. */
export interface Told {
  readonly key: string;
  readonly written: boolean;
  readonly version: string | null;
}

/**
 * What came of each item. One that was not written, though there was nothing as new before, met another writer: only what
 * that one has committed, which `look` asks for, tells whether it was the same write or a newer one.
 */
export async function resultsOf(
  items: readonly DirtyKey[],
  rows: readonly Told[],
  look: (keys: string[]) => Promise<readonly unknown[]>,
): Promise<WriteResult[]> {
  const told = new Map(rows.map((row) => [row.key, row]));
  const versionOf = (key: string): number => Number(told.get(key)?.version ?? 0);
  const unclear = items.filter(({ key, version }) => told.get(key)?.written === false && versionOf(key) < version);
  if (unclear.length > 0) {
    const now = (await look(unclear.map(({ key }) => key))) as readonly Told[];
    for (const { key, version } of now) told.set(key, { key, version, written: false });
  }
  return items.map(({ key, version }): WriteResult => {
    if (told.get(key)?.written === true || versionOf(key) === version) return 'ok';
    if (versionOf(key) > version) return { result: 'conflict', version: versionOf(key) };
    return { result: 'retry', error: new Error(`the fence does not tell of ${key}; see keyType`) };
  });
}
