import type { TagClock } from '../../model/entry.ts';

/**
 * Reads the clock of the record of tags, which comes with every reply as `<generation> <instant>` and is the same from
 * one to the next until something is invalidated.
 */
export class TagClockReader {
  #text = '';
  #clock: TagClock | undefined;

  /** `undefined` where there is no record, or something foreign in its place. */
  read(reply: Buffer | null): TagClock | undefined {
    const text = reply === null ? '' : reply.toString('latin1');
    if (text !== this.#text) {
      this.#text = text;
      const [generation, at, ...more] = text.split(' ');
      this.#clock = at === undefined || more.length > 0 ? undefined : tagClock(generation!, at);
    }
    return this.#clock;
  }
}

/** A clock as Redis tells it. */
export function tagClock(generation: string, at: string): TagClock {
  return { generation, at: Number(at) };
}
