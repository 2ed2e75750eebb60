import type { Clock } from '../model/clock.ts';
import type { BusMessage } from './bus-message.ts';

/** More processes than that are not told apart. */
const mostPublishers = 10_000;

/** The processes that are heard on a bus: which message of each is the next, and who has fallen silent. */
export class Publishers {
  readonly #clock: Clock;
  readonly #patience: number;
  readonly #last = new Map<string, { readonly number: number; readonly at: number }>();

  /** `patience`: for how many milliseconds a publisher may be silent. */
  constructor(clock: Clock, patience: number) {
    this.#clock = clock;
    this.#patience = patience;
  }

  /** Notes a message. A gap is one that was missed before it, or may have been: of who is new only a first is none. */
  heard({ publisher, number }: BusMessage): 'next' | 'gap' {
    const expected = (this.#last.get(publisher)?.number ?? 0) + 1;
    const tooMany = this.#last.size >= mostPublishers && expected === 1;
    if (tooMany) this.#last.clear();
    this.#last.set(publisher, { number, at: this.#clock.elapsed() });
    return number === expected && !tooMany ? 'next' : 'gap';
  }

  /** Drops those who were silent for too long; true if there were any: they may have said what was not heard. */
  dropSilent(): boolean {
    const silentSince = this.#clock.elapsed() - this.#patience;
    const silent = [...this.#last].filter(([, { at }]) => at <= silentSince);
    for (const [publisher] of silent) this.#last.delete(publisher);
    return silent.length > 0;
  }

  forget(publisher: string): void {
    this.#last.delete(publisher);
  }

  clear(): void {
    this.#last.clear();
  }
}
