import type { Clock } from '../../model/clock.ts';
import type { OwnConnection, Owner } from './clients/own-client.ts';

const betweenAttempts = 250;

export interface TermOptions<C extends OwnConnection> {
  /** Makes a client that is not connected yet. */
  readonly make: (owner: Owner) => C | Promise<C>;
  readonly clock: Clock;
  readonly owner: Owner;
}

/** The time that one client of our own serves: from the first attempt to connect one until it is given up. */
export class Term<C extends OwnConnection> {
  readonly #options: TermOptions<C>;
  /** Rejects when the term is over first. */
  readonly opened: Promise<C>;
  /** The client, once it is connected. */
  connected: C | undefined;
  /** Settles with the first attempt: nobody need wait for a server that is known not to be there. */
  readonly #attempted: Promise<C>;
  #client: C | undefined;
  #over: Error | undefined;
  #reject!: (error: unknown) => void;
  #attemptFailed!: (error: unknown) => void;

  constructor(options: TermOptions<C>) {
    this.#options = options;
    // Before the client is made, which may fail at once.
    const failed = new Promise<never>((_, reject) => (this.#attemptFailed = reject));
    this.opened = new Promise((resolve, reject) => {
      this.#reject = reject;
      this.#open().then(resolve, reject);
    });
    this.opened.catch((error: unknown) => this.#owner.failed(error));
    this.#attempted = Promise.race([failed, this.opened]);
    this.#attempted.catch(() => undefined);
  }

  /** The client, when it is connected; rejects at once where an attempt has failed, and none has succeeded yet. */
  async client(): Promise<C> {
    return this.connected ?? this.#attempted;
  }

  /** Rejects all that waits for the client, and ends its connections. */
  end(reason: Error): void {
    this.#over = reason;
    this.connected = undefined;
    this.#reject(reason);
    if (this.#client !== undefined) destroy(this.#client);
  }

  async #open(): Promise<C> {
    for (;;) {
      const client = await this.#options.make(this.#owner);
      this.#client = client;
      try {
        // 1: the client is made · 2: the term is over, which ends the client before · 3: this one comes.
        if (this.#over === undefined) await client.connect();
      } catch (error) {
        this.#owner.failed(error);
        destroy(client);
        await this.#pause();
        if (this.#over === undefined) continue;
      }
      if (this.#over !== undefined) {
        destroy(client);
        throw this.#over;
      }
      this.connected = client;
      return client;
    }
  }

  /** What comes of a client that was given up is of no interest. */
  readonly #owner: Owner = {
    failed: (error) => {
      if (this.#over !== undefined) return;
      this.#attemptFailed(error);
      this.#options.owner.failed(error);
    },
    lost: () => {
      if (this.#over === undefined) this.#options.owner.lost();
    },
    tired: () => {
      if (this.#over === undefined) this.#options.owner.tired();
    },
  };

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#options.clock.setTimer(betweenAttempts, resolve, true);
    });
  }
}

function destroy(client: OwnConnection): void {
  try {
    client.destroy();
  } catch {
    // It was closed already: there is nothing left to end.
  }
}
