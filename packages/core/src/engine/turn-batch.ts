/**
 * Gathers what is asked within one turn of the event loop: it leaves as one, and all who asked share the reply.
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
    return { reply: this.ride(), place: this.#questions.push(question) - 1 };
  }

  /** The reply of this turn, for who has nothing to ask, but wants to know that one came. */
  ride(): Promise<Reply> {
    // A tick, not a microtask: callers that go on in the same turn come along.
    return (this.#reply ??= new Promise((resolve) => process.nextTick(() => resolve(this.#leave()))));
  }

  #leave(): Promise<Reply> {
    const questions = this.#questions;
    this.#questions = [];
    this.#reply = undefined;
    return this.#ask(questions);
  }
}
