import type { Claim, DirtyRecord, DirtyWrite, Ledger, LedgerBook, LedgerContext } from '../model/ledger.ts';

interface Line {
  record: DirtyRecord;
  due: number;
  /** The claim that has it, and the version it was claimed at. */
  claimed: { readonly token: string; readonly version: number } | undefined;
}

/**
 * A ledger in the memory of this process. Its name says what it is: an accepted write lives as long as the process
 * does, and `close()` brings it to the source before that ends.
 */
export function memoryLedger(): Ledger {
  return { name: 'memory', open: (context) => new MemoryBook(context) };
}

class MemoryBook implements LedgerBook {
  readonly #context: LedgerContext;
  readonly #lines = new Map<string, Line>();
  #claims = 0;
  #version = 0;

  constructor(context: LedgerContext) {
    this.#context = context;
  }

  async put(write: DirtyWrite): Promise<DirtyRecord> {
    const { clock, due } = this.#context;
    this.#version = Math.max(clock.now() * 1_000, this.#version + 1);
    const record = { ...write, version: this.#version };
    const line = this.#lines.get(write.key);
    if (line === undefined) this.#lines.set(write.key, { record, due: clock.elapsed() + due, claimed: undefined });
    else {
      line.record = record;
      // Coalesced writes keep the first one's instant, or a key that is always written would never be due.
      if (line.claimed !== undefined) line.due = clock.elapsed() + due;
    }
    return record;
  }

  async read(key: string): Promise<DirtyRecord | undefined> {
    return this.#lines.get(key)?.record;
  }

  async claim(max: number, everything: boolean): Promise<Claim> {
    this.#claims += 1;
    const token = String(this.#claims);
    const now = this.#context.clock.elapsed();
    const records: DirtyRecord[] = [];
    for (const line of this.#lines.values()) {
      if (records.length === max) break;
      if (line.claimed !== undefined || (line.due > now && !everything)) continue;
      line.claimed = { token, version: line.record.version };
      records.push(line.record);
    }
    return { token, records };
  }

  async done(claim: Claim): Promise<void> {
    for (const [key, line] of this.#linesOf(claim)) {
      this.#lines.delete(key);
      if (line.claimed?.version === line.record.version) continue;
      line.claimed = undefined;
      // Behind those that have not had their turn: a key that is always written must not keep them waiting.
      this.#lines.set(key, line);
    }
  }

  async retry(claim: Claim, ms: number): Promise<void> {
    for (const [, line] of this.#linesOf(claim)) {
      line.claimed = undefined;
      line.due = this.#context.clock.elapsed() + ms;
    }
  }

  get dirty(): number {
    return this.#lines.size;
  }

  nextDue(): number | undefined {
    let next: number | undefined;
    for (const line of this.#lines.values()) {
      if (line.claimed === undefined) next = Math.min(line.due, next ?? Infinity);
    }
    return next;
  }

  *#linesOf(claim: Claim): Iterable<readonly [string, Line]> {
    for (const { key } of claim.records) {
      const line = this.#lines.get(key);
      if (line?.claimed?.token === claim.token) yield [key, line];
    }
  }
}
