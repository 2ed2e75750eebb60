import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type ByteSize, parseBytes } from '../../model/bytes.ts';
import { CacheError, messageOf } from '../../model/errors.ts';
import type { Ledger, LedgerBook, LedgerContext, PutReply, Redrive } from '../../model/ledger.ts';
import { invalid, parseOptions, withDefault } from '../../model/options.ts';
import { type Instant, LedgerState } from '../ledger-state.ts';
import { apply, goneEntry, lastEntry, letterEntry, lineEntry } from './entries.ts';
import { Journal } from './journal.ts';
import { lock } from './lock.ts';

export interface FileLedgerOptions {
  /** The folder of the journals, `<namespace>.<resource>.ledger`; it is made if need be. It has to be a disk of this machine. */
  folder: string;
  /** A journal that has grown by so much since it was last written anew is, without what is not needed. Default `'16mb'`. */
  compactAfter?: ByteSize;
}

/**
 * A ledger in a file, for one process at a time. What it accepts is on disk: it survives the process, a kill -9 included,
 * and a power cut as far as the disk keeps what it has confirmed. Writes that come together share one fsync.
 *
 * @throws CacheError `UNKNOWN_OPTION`, `INVALID_OPTION`.
 */
export function fileLedger(options: FileLedgerOptions): Ledger {
  const { folder, compactAfter } = parseOptions('fileLedger', options, {
    folder: (value, where) => {
      if (typeof value === 'string' && value !== '') return resolve(value);
      throw invalid(where, "must be the path of a folder, such as './ledger'");
    },
    compactAfter: withDefault(parseBytes, 16 * 2 ** 20),
  });
  return {
    name: 'file',
    scope: 'process',
    durability: ['fsynced'],
    open: (context) => new FileBook(context, folder, compactAfter),
  };
}

class FileBook implements LedgerBook {
  readonly #context: LedgerContext;
  readonly #state: LedgerState;
  readonly #folder: string;
  readonly #compactAfter: number;
  #opening: Promise<Opened> | undefined;
  #compactAt = 0;
  #closed = false;

  constructor(context: LedgerContext, folder: string, compactAfter: number) {
    this.#context = context;
    this.#folder = folder;
    this.#compactAfter = compactAfter;
    this.#state = new LedgerState(context);
    // Opened before it is asked for, and reported then.
    this.#open().catch(() => undefined);
  }

  put: LedgerBook['put'] = (write) =>
    this.#change([write.key], (now): PutReply => {
      return this.#state.put({ ...write, payload: Uint8Array.from(write.payload) }, now);
    });

  read: LedgerBook['read'] = (keys) => this.#look(() => keys.map((key) => this.#state.read(key)));
  lease: LedgerBook['lease'] = (key, token, ttl) => this.#look((now) => this.#state.lease(key, token, ttl, now));
  unlease: LedgerBook['unlease'] = (key, token) => this.#look((now) => this.#state.unlease(key, token, now));
  dead: LedgerBook['dead'] = (max, after) => this.#look(() => this.#state.dead(max, after));
  stats: LedgerBook['stats'] = () => this.#look((now) => this.#state.figures(now));

  /** A merge that is claimed is pinned on disk first: after a crash it has to be handed out again as it was. */
  claim: LedgerBook['claim'] = async (request) => {
    const claim = await this.#look((now) => this.#state.claim(request, now));
    const merges = claim.records.filter(({ op }) => op === 'merge');
    if (merges.length > 0) await this.#write(merges.map(({ key }) => lineEntry(key, this.#state.lines.get(key))));
    return claim;
  };

  ack: LedgerBook['ack'] = (token, outcomes) =>
    this.#change(outcomes.map(({ key }) => key), (now) => {
      const settled = outcomes.map((each) => this.#state.ack(token, each, now));
      return { settled, dirty: this.#state.lines.size };
    }); // prettier-ignore

  extend: LedgerBook['extend'] = (token, keys, lease) =>
    this.#look((now) => keys.filter((key) => this.#state.extend(token, key, lease, now)));

  drain: LedgerBook['drain'] = (mark) =>
    this.#look(() => {
      const asked = mark ?? String(this.#state.last);
      return { mark: asked, left: this.#state.hasBefore(Number(asked)) };
    });

  redrive: LedgerBook['redrive'] = async (id) => {
    const key = (await this.#look(() => this.#state.letters.get(id)))?.key;
    return key === undefined ? 'gone' : this.#redrive(id, key);
  };

  discard: LedgerBook['discard'] = (id) => this.#change([], () => this.#state.letters.delete(id), goneEntry(id));

  async close(): Promise<void> {
    this.#closed = true;
    const opened = await this.#opening?.catch(() => undefined);
    await opened?.journal.close();
    await opened?.release();
  }

  /** Queued and no letter any more in one entry: a crash between two would lose it, or have it twice. */
  async #redrive(id: string, key: string): Promise<Redrive> {
    await this.#open();
    const outcome = this.#state.redrive(id, this.#now());
    if (outcome === 'redriven') await this.#write([lineEntry(key, this.#state.lines.get(key), id)]);
    return outcome;
  }

  async #look<T>(run: (now: Instant) => T): Promise<T> {
    await this.#open();
    return run(this.#now());
  }

  /** What is changed is seen by others before it is on disk, and answered for when it is: the journal keeps the order. */
  async #change<T>(keys: readonly string[], run: (now: Instant) => T, ...more: Buffer[]): Promise<T> {
    await this.#open();
    const { lines, letters } = this.#state;
    const before = letters.size;
    const result = run(this.#now());
    const entries = [...new Set(keys)].map((key) => lineEntry(key, lines.get(key)));
    if (letters.size > before) entries.push(...[...letters.values()].slice(before).map(letterEntry));
    await this.#write([...more, ...entries]);
    return result;
  }

  async #write(entries: readonly Buffer[]): Promise<void> {
    const { journal } = await this.#open();
    try {
      await journal.append(...entries);
      if (journal.bytes < this.#compactAt) return;
      this.#compactAt = Infinity;
      await journal.compact(this.#entries());
      this.#compactAt = journal.bytes + this.#compactAfter;
    } catch (error) {
      throw this.#unavailable(error);
    }
  }

  #entries(): Buffer[] {
    const { last, lines, letters } = this.#state;
    const unwritten = Array.from(lines, ([key, line]) => lineEntry(key, line));
    return [lastEntry(last), ...unwritten, ...Array.from(letters.values(), letterEntry)];
  }

  #open(): Promise<Opened> {
    if (this.#closed) return Promise.reject(new CacheError('CLOSED', 'the ledger is closed'));
    this.#opening ??= this.#begin().catch((error: unknown) => {
      this.#opening = undefined;
      throw this.#unavailable(error);
    });
    return this.#opening;
  }

  async #begin(): Promise<Opened> {
    const { namespace, resource } = this.#context;
    await mkdir(this.#folder, { recursive: true });
    const path = join(this.#folder, `${namespace}.${resource}.ledger`);
    const release = await lock(path);
    try {
      const { journal, entries } = await Journal.open(path);
      for (const entry of entries) apply(this.#state, entry);
      this.#compactAt = journal.bytes + this.#compactAfter;
      return { journal, release };
    } catch (error) {
      await release();
      throw error;
    }
  }

  #now(): Instant {
    const { clock } = this.#context;
    return { at: clock.elapsed(), micros: clock.now() * 1_000 };
  }

  #unavailable(error: unknown): CacheError {
    if (error instanceof CacheError) return error;
    if (this.#closed) return new CacheError('CLOSED', 'the ledger is closed', { cause: error });
    const sentence = `the ledger in ${this.#folder} cannot be used: ${messageOf(error)}`;
    return new CacheError('LEDGER_UNAVAILABLE', sentence, { cause: error, store: 'file ledger' });
  }
}

interface Opened {
  readonly journal: Journal;
  readonly release: () => Promise<void>;
}
