import { setImmediate as inTheNextTurn } from 'node:timers/promises';

/** So many find their own in a reply within one turn of the event loop. */
const portion = 20;

/**
 * Gathers what is asked within one turn of the event loop: it leaves as one, and all who asked share the reply. Where
 * they are many they are told of it in portions, two turns apart: what the first go on to ask is on its way while the
 * last have yet to read theirs, and nobody else in this process has to wait for all of them.
 */
export class TurnBatch<Question, Reply> {
  readonly #ask: (questions: readonly Question[]) => Promise<Reply>;
  #questions: Question[] = [];
  #reply: Promise<Reply> | undefined;

  constructor(ask: (questions: readonly Question[]) => Promise<Reply>) {
    this.#ask = ask;
  }

  /** Asks along with the others of this turn. `place` says which of the questions it is. */
  join(question: Question): { readonly reply: Promise<Reply>; readonly place: number } {
    const place = this.#questions.push(question) - 1;
    // No clock rules it: it comes even where a test has put timers of its own in the place of Node's. Two turns: a client
    // that writes at the end of a turn, as node-redis does, would only write after a portion that comes in the next.
    if (place > 0 && place % portion === 0) this.#reply = this.ride().then(inTheNextTurn).then(inTheNextTurn);
    return { reply: this.ride(), place };
  }

  /** The reply of this turn, for who has nothing to ask, but wants to know that one came. */
  ride(): Promise<Reply> {
    // A tick, not a microtask: callers that go on in the same turn come along.
    return (this.#reply ??= new Promise((resolve, reject) => {
      process.nextTick(() => void this.#leave().then(resolve, reject));
    }));
  }

  #leave(): Promise<Reply> {
    const questions = this.#questions;
    this.#questions = [];
    this.#reply = undefined;
    return this.#ask(questions);
  }
}
