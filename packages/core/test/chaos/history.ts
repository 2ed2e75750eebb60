import { appendFileSync, existsSync, readFileSync, writeSync } from 'node:fs';

/** What a process did, line by line, in its own file: it outlives a kill -9, but for a line that was cut off. */
export type Line =
  /** A write begins. */
  | { readonly begun: string; readonly kind: Kind; readonly key: string }
  /** The ledger gave it a version; several merges may be one write. */
  | { readonly noted: string; readonly version: number; readonly key: string; readonly kind: Kind }
  /** It was accepted, as its caller was told. */
  | { readonly accepted: string }
  /** A reader was given an older value than the same process had written and was told to be accepted. */
  | { readonly stale: string; readonly got: unknown; readonly wrote: string };

export type Kind = 'set' | 'remove' | 'merge' | 'update';

export function writeLine(file: number, line: Line): void {
  writeSync(file, `${JSON.stringify(line)}\n`);
}

export function linesOf(path: string): Line[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((text) => {
      try {
        return [JSON.parse(text) as Line];
      } catch {
        return [];
      }
    });
}

/** Of a process that goes on in the file of one that was killed: what that had begun to say is no line. */
export function beginAnew(path: string): void {
  appendFileSync(path, '\n');
}
