import { appendFileSync, closeSync, existsSync, openSync, readSync, writeSync } from 'node:fs';

/** What a process did, line by line, in its own file: it outlives a kill -9, but for a line that was cut off. */
export type Line =
  /** A write begins. */
  | { readonly begun: string; readonly kind: Kind; readonly key: string }
  /** The ledger gave it a version; several merges may be one write. */
  | { readonly noted: string; readonly version: number; readonly key: string; readonly kind: Kind }
  /** It was accepted, as its caller was told. */
  | { readonly accepted: string }
  /** An update tries to put a value, which is named, in the place of another one. */
  | { readonly tried: string; readonly of: string; readonly after: string | undefined }
  /** A reader was given an older value than the same process had written and was told to be accepted. */
  | { readonly stale: string; readonly got: unknown; readonly wrote: string };

export type Kind = 'set' | 'remove' | 'merge' | 'update';

export function writeLine(file: number, line: Line): void {
  writeSync(file, `${JSON.stringify(line)}\n`);
}

/** What a process has said so far: each look reads on where the last one ended. */
export class History {
  readonly lines: Line[] = [];
  accepted = 0;
  readonly #path: string;
  #at = 0;
  #rest = '';

  constructor(path: string) {
    this.#path = path;
  }

  readOn(): void {
    if (!existsSync(this.#path)) return;
    const file = openSync(this.#path, 'r');
    const chunk = Buffer.allocUnsafe(2 ** 20);
    for (let read = -1; read !== 0;) {
      read = readSync(file, chunk, 0, chunk.length, this.#at);
      this.#at += read;
      const texts = (this.#rest + chunk.toString('latin1', 0, read)).split('\n');
      this.#rest = texts.pop()!;
      for (const text of texts) this.#add(text);
    }
    closeSync(file);
  }

  #add(text: string): void {
    try {
      const line = JSON.parse(text) as Line;
      this.lines.push(line);
      if ('accepted' in line) this.accepted += 1;
    } catch {
      // It was cut off.
    }
  }
}

/** Of a process that goes on in the file of one that was killed: what that had begun to say is no line. */
export function beginAnew(path: string): void {
  appendFileSync(path, '\n');
}
