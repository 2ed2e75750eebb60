import type { DirtyWrite, Unwritten } from '../model/ledger.ts';
import type { Acceptor } from './acceptor.ts';
import type { Payloads } from './payload.ts';
import { Turns } from './turns.ts';
import type { Merging, UnwrittenView } from './unwritten-view.ts';

export interface MergerOptions {
  readonly acceptor: Acceptor;
  readonly payloads: Payloads;
  readonly merging: Merging;
  readonly view: UnwrittenView;
}

/** What is said of a merge besides the change. */
type Terms = Pick<DirtyWrite, 'operation' | 'durability'>;

/** Merges that wait for their turn, as one. */
interface Group {
  change: unknown;
  readonly durability: Terms['durability'];
  readonly noted: Promise<void>;
}

/**
 * Puts changes together with what is unwritten of their key: in this process, while an earlier one is on its way to the
 * ledger, and by compare-and-set with those of others.
 */
export class Merger {
  readonly #options: MergerOptions;
  readonly #turns = new Turns();
  readonly #waiting = new Map<string, Group>();

  constructor(options: MergerOptions) {
    this.#options = options;
  }

  /** Resolves when the change is noted, perhaps together with others of this process. */
  merge(key: string, change: unknown, terms: Terms): Promise<void> {
    const waiting = this.#waiting.get(key);
    // One that has a name, or is to be surer than those that wait, is noted by itself.
    const isApart = waiting !== undefined && waiting.durability !== terms.durability;
    if (terms.operation !== undefined || isApart) return this.#turns.run(key, () => this.#note(key, change, terms));
    if (waiting !== undefined) {
      waiting.change = this.#options.merging.combine(waiting.change, change);
      return waiting.noted;
    }
    const noted = this.#turns.run(key, () => {
      const group = this.#waiting.get(key)!;
      this.#waiting.delete(key);
      return this.#note(key, group.change, terms);
    });
    this.#waiting.set(key, { change, durability: terms.durability, noted });
    return noted;
  }

  async #note(key: string, change: unknown, terms: Terms): Promise<void> {
    let current: Unwritten | undefined;
    for (;;) {
      const write = { key, ...terms, ...this.#over(current, change), given: current?.newest?.version ?? 0 };
      const reply = await this.#options.acceptor.accept(write);
      if (reply.state === 'accepted') return;
      current = reply.current;
    }
  }

  /** The change on top of what is unwritten. */
  #over(current: Unwritten | undefined, change: unknown): Pick<DirtyWrite, 'op' | 'payload'> {
    const { payloads, merging, view } = this.#options;
    const newest = current?.newest;
    if (newest === undefined) return { op: 'merge', payload: payloads.encode(change) };
    if (newest.op === 'merge') {
      return { op: 'merge', payload: payloads.encode(merging.combine(payloads.decode(newest.payload), change)) };
    }
    return { op: 'save', payload: payloads.encode(merging.apply(view.valueOf(current!), change)) };
  }
}
