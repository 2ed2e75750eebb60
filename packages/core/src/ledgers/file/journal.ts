import { constants } from 'node:fs';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { bodiesIn, frameOf } from './frames.ts';

/** What a journal begins with, so that no other file is taken for one. */
const magic = Buffer.from('cache-ledger 1\n');

/**
 * An append-only file. An entry is there for good once `append` has resolved: those that come while the disk is busy go
 * together, with one fsync for all.
 */
export class Journal {
  readonly #path: string;
  #file: FileHandle;
  #bytes: number;
  #waiting: Buffer[] = [];
  #next: Promise<void> | undefined;
  #busy: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;

  private constructor(path: string, file: FileHandle, bytes: number) {
    this.#path = path;
    this.#file = file;
    this.#bytes = bytes;
  }

  /**
   * Opens the journal, or begins it. What a crash has torn off at its end was accepted by nobody, and is cut away.
   *
   * @throws Error if it is no journal.
   */
  static async open(path: string): Promise<{ readonly journal: Journal; readonly entries: Buffer[] }> {
    const file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    try {
      const bytes = await file.readFile();
      const begun = bytes.subarray(0, magic.length);
      if (begun.length < magic.length && magic.subarray(0, begun.length).equals(begun)) {
        await file.truncate(0);
        await file.write(magic, 0, magic.length, 0);
        await settle(file, path);
        return { journal: new Journal(path, file, magic.length), entries: [] };
      }
      if (!begun.equals(magic)) throw new Error(`${path} is no journal of a ledger`);
      const { bodies, whole } = bodiesIn(bytes.subarray(magic.length));
      const end = magic.length + whole;
      if (end < bytes.length) await file.truncate(end);
      await settle(file, path);
      return { journal: new Journal(path, file, end), entries: bodies };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Resolves once the entries are on disk. After a failure of the disk everything rejects. */
  append(...entries: readonly Buffer[]): Promise<void> {
    this.#waiting.push(...entries.map(frameOf));
    this.#next ??= this.#after(() => this.#write());
    return this.#next;
  }

  /** Puts a journal of just these entries in the place of this one: all or nothing, also in a crash. */
  compact(entries: readonly Buffer[]): Promise<void> {
    return this.#after(() => this.#replace(entries));
  }

  async close(): Promise<void> {
    await this.#busy.catch(() => undefined);
    this.#failure ??= { error: new Error('the journal is closed') };
    await this.#file.close();
  }

  #after(work: () => Promise<void>): Promise<void> {
    const run = this.#busy.then(async () => {
      if (this.#failure !== undefined) throw this.#failure.error;
      try {
        await work();
      } catch (error) {
        // What is on disk is not known any more: to go on after a failed fsync would be to guess (fsyncgate, 2018).
        this.#failure = { error };
        throw error;
      }
    });
    this.#busy = run.catch(() => undefined);
    return run;
  }

  async #write(): Promise<void> {
    this.#next = undefined;
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    await writeAll(this.#file, bytes, this.#bytes);
    await this.#file.datasync();
    this.#bytes += bytes.length;
  }

  async #replace(entries: readonly Buffer[]): Promise<void> {
    const temporary = `${this.#path}.new`;
    const file = await open(temporary, 'w', 0o600);
    const bytes = Buffer.concat([magic, ...entries.map(frameOf)]);
    try {
      await writeAll(file, bytes, 0);
      await file.sync();
      await rename(temporary, this.#path);
      await syncFolder(this.#path);
    } catch (error) {
      await file.close();
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
    const old = this.#file;
    this.#file = file;
    this.#bytes = bytes.length;
    await old.close();
  }
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
  }
}

async function settle(file: FileHandle, path: string): Promise<void> {
  await file.sync();
  await syncFolder(path);
}

/** A new name is there for good once its folder is on disk. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r').catch(() => undefined);
  // Where folders cannot be opened, as on Windows, there is nothing more that can be done.
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
