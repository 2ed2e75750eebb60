import { randomUUID } from 'node:crypto';
import { systemClock } from '../../model/clock.ts';
import { parseDuration } from '../../model/duration.ts';
import type { Claim, DirtyWrite, Ledger, LedgerBook, Outcome, PutReply, Settled } from '../../model/ledger.ts';
import { broken, promisedWithin } from '../contract.ts';
import type { LedgerContractOptions } from './options.ts';

/** Milliseconds after which a claim is over that a case waits for, and ones that no case outlives. */
export const short = 40;
export const long = 600_000;

/** How a resource opens its ledger. */
interface Opening {
  readonly due?: number;
  readonly max?: number;
  readonly maxAge?: number;
}

/** What one case is about: the ledger of a resource that nobody else has. */
export class Scene {
  readonly options: LedgerContractOptions;
  readonly #make: () => Ledger;
  readonly #namespace = `contract-${randomUUID()}`;
  readonly #opened: LedgerBook[] = [];
  readonly #patience: number;
  #book: LedgerBook | undefined;
  #tokens = 0;

  constructor(make: () => Ledger, options: LedgerContractOptions) {
    this.#make = make;
    this.options = options;
    this.#patience = parseDuration(options.patience ?? '5s', 'ledgerContract: patience');
  }

  /** The ledger, whose records are due at once unless it was opened otherwise. */
  get book(): LedgerBook {
    return (this.#book ??= this.open());
  }

  /** Opens the ledger of a resource, by default of the one that the case is about. */
  open({ due = 0, max = 1_000, maxAge }: Opening = {}, resource = 'contract'): LedgerBook {
    const told = { lost: () => undefined, report: () => undefined };
    const context = { namespace: this.#namespace, resource, clock: systemClock, due, max, maxAge, ...told };
    const book = this.#make().open(context);
    this.#book ??= book;
    this.#opened.push(book);
    return book;
  }

  /** Closes the ledger and opens it again, as the next process does. */
  async reopen(): Promise<void> {
    await this.book.close();
    this.#book = undefined;
    this.open();
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#opened.map((book) => book.close()));
  }

  soon<T>(promise: string, ask: () => Promise<T>, holds: (answer: T) => boolean): Promise<void> {
    return promisedWithin(this.#patience, promise, ask, holds);
  }

  put(key: string, text: string, more: Partial<DirtyWrite> = {}): Promise<PutReply> {
    return this.book.put({ key, op: 'save', payload: Buffer.from(text), ...more });
  }

  /** The version that an accepted write is given. */
  async accepted(key: string, text: string, more: Partial<DirtyWrite> = {}): Promise<number> {
    const reply = await this.put(key, text, more);
    if (reply.state !== 'accepted') throw broken('the write is accepted', reply);
    return reply.version;
  }

  merge(key: string, text: string, given = 0): Promise<PutReply> {
    return this.put(key, text, { op: 'merge', given });
  }

  /** Claims up to `max` records, be they due or not. */
  async claim(lease = long, max = 100): Promise<Claim & { readonly token: string }> {
    this.#tokens += 1;
    const token = `token-${this.#tokens}`;
    return { token, ...(await this.book.claim({ token, max, lease, all: true })) };
  }

  /** The same as text: `a=x` for each record, in the order of the keys. */
  async claimed(lease = long): Promise<string[]> {
    return shown(await this.claim(lease));
  }

  async ack(token: string, ...outcomes: Outcome[]): Promise<Settled[]> {
    return (await this.book.ack(token, outcomes)).settled;
  }

  /** What is unwritten of a key, as text: `newest`, or `newest+pinned`. */
  async unwritten(key: string): Promise<string | undefined> {
    const [found] = await this.book.read([key]);
    if (found === undefined) return undefined;
    const { newest, pinned } = found;
    const text = newest === undefined ? '' : `${newest.op} ${textOf(newest.payload)}`;
    return pinned === undefined ? text : `${text} on ${textOf(pinned.payload)}`;
  }
}

export function shown({ records }: Pick<Claim, 'records'>): string[] {
  return records.map(({ key, payload }) => `${key}=${textOf(payload)}`).sort();
}

export function textOf(payload: Uint8Array): string {
  return Buffer.from(payload).toString();
}

/** Cases by the sentences that they show to be true. */
export type Cases = Readonly<Record<string, (scene: Scene) => Promise<void>>>;
