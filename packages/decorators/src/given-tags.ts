/** Hands the tags of one written value to the engine, which asks for them in the same turn. */
export class GivenTags {
  #tags: readonly string[] = [];

  give(tags: readonly string[]): void {
    this.#tags = tags;
  }

  take(): readonly string[] {
    const tags = this.#tags;
    this.#tags = [];
    return tags;
  }
}
