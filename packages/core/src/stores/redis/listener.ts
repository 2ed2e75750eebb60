import type { Clock, Timer } from '../../model/clock.ts';
import type { OwnConnection, Owner } from './clients/own-client.ts';
import { isRefusal } from './refusal.ts';
import { Term } from './term.ts';

/** Milliseconds for a connection to be made and listened to: a frozen server takes connections too. */
const patience = 5_000;
/** Milliseconds before the next attempt where a connection that was made was lost before anything was heard on it. */
const untilNext = 250;

export interface ListenerOptions<C extends OwnConnection> {
  /** Makes a client that is not connected yet. */
  readonly make: (owner: Owner) => C | Promise<C>;
  readonly clock: Clock;
  /** Has the server tell what is to be heard; `hears` is false once it does not count any longer. */
  readonly listen: (client: C, hears: () => boolean) => Promise<unknown>;
  /** From now on it is heard, until `disconnected`. */
  readonly connected: (client: C) => void;
  readonly disconnected: () => void;
  readonly report: (error: unknown) => void;
}

/** A connection on which the server is listened to: a lost one is made anew, a frozen one can be given up. */
export class Listener<C extends OwnConnection> {
  readonly #options: ListenerOptions<C>;
  #term: Term<C>;
  #hears = false;
  #impatience: Timer | undefined;
  #closed = false;

  constructor(options: ListenerOptions<C>) {
    this.#options = options;
    this.#term = this.#begin();
  }

  /** Gives the connection up for a new one. */
  reset(): void {
    if (this.#closed) return;
    const given = this.#term;
    this.#lose();
    this.#term = this.#begin();
    given.end(new Error('the connection was given up for a new one'));
  }

  close(): void {
    this.#closed = true;
    this.#hears = false;
    this.#impatience?.cancel();
    this.#term.end(new Error('the connection is closed'));
  }

  #begin(): Term<C> {
    const { clock, make, report } = this.#options;
    const owner = {
      failed: report,
      lost: () => {
        if (this.#hears) this.reset();
      },
      tired: () => this.reset(),
    };
    const term = new Term({ make, clock, owner });
    this.#resetIn(patience);
    this.#listen(term).catch((error: unknown) => {
      if (term !== this.#term || this.#closed) return;
      report(error);
      // What the server refuses it would refuse at once again: the next attempt is made when patience is over.
      if (term.connected !== undefined && !isRefusal(error)) this.#resetIn(untilNext);
    });
    return term;
  }

  #resetIn(ms: number): void {
    this.#impatience?.cancel();
    this.#impatience = this.#options.clock.setTimer(ms, () => this.reset(), true);
  }

  async #listen(term: Term<C>): Promise<void> {
    const client = await term.opened;
    await this.#options.listen(client, () => term === this.#term && this.#hears);
    if (term !== this.#term || this.#closed) return;
    this.#impatience?.cancel();
    this.#hears = true;
    this.#options.connected(client);
  }

  #lose(): void {
    if (!this.#hears) return;
    this.#hears = false;
    this.#options.disconnected();
  }
}
