import { YoungMap } from './young-map.ts';

/** A write that waits for the one before it; whoever comes meanwhile puts his own in its place. */
interface Turn<W, R> {
  write: W;
  readonly done: Promise<R>;
}

/**
 * Sends writes of one key one after the other. Of those that come while one is on its way only the newest is sent, and
 * answers for all: it is as if the others had been made just before.
 */
export class NewestWrites<W extends { readonly key: string }, R> {
  readonly #send: (write: W) => Promise<R>;
  /** By key what follows the write that is on its way. */
  readonly #next = new YoungMap<string, Turn<W, R> | undefined>();
  readonly #current = new YoungMap<string, Promise<unknown>>();

  constructor(send: (write: W) => Promise<R>) {
    this.#send = send;
  }

  write(write: W): Promise<R> {
    if (!this.#next.has(write.key)) return this.#begin(write);
    const next = this.#next.get(write.key);
    if (next === undefined) return this.#follow(write);
    next.write = write;
    return next.done;
  }

  #begin(write: W): Promise<R> {
    const { key } = write;
    this.#next.set(key, undefined);
    const sent = this.#send(write);
    this.#current.set(key, sent);
    const leave = (): void => {
      if (this.#current.get(key) !== sent || this.#next.get(key) !== undefined) return;
      this.#next.delete(key);
      this.#current.delete(key);
    };
    sent.then(leave, leave);
    return sent;
  }

  #follow(write: W): Promise<R> {
    const { key } = write;
    const begin = (): Promise<R> => this.#begin(turn.write);
    const turn: Turn<W, R> = { write, done: this.#current.get(key)!.then(begin, begin) };
    this.#next.set(key, turn);
    return turn.done;
  }
}
