import { YoungMap } from './young-map.ts';

interface Presence {
  count: number;
  contended: boolean;
  touches: number;
}

/** A writer at work on one key. */
class Turn {
  readonly #present: YoungMap<string, Presence>;
  readonly #key: string;
  readonly #presence: Presence;

  constructor(present: YoungMap<string, Presence>, key: string, presence: Presence) {
    this.#present = present;
    this.#key = key;
    this.#presence = presence;
  }

  /** True while no other writer, evict or clear of the key has overlapped with this turn: its value may be kept. */
  get alone(): boolean {
    return !this.#presence.contended;
  }

  /** How often a change of the key was told of so far that may have been this turn's own. */
  get touches(): number {
    return this.#presence.touches;
  }

  end(): void {
    this.#presence.count -= 1;
    if (this.#presence.count === 0) this.#present.delete(this.#key);
  }
}

/**
 * The writers at work in this process. While there is one, nothing may be filled, and of writers that overlap nobody
 * fills: which of them the source took last cannot be known here (docs/consistency.md).
 */
export class Writers {
  readonly #present = new YoungMap<string, Presence>();

  begin(key: string): Turn {
    const presence = this.#present.get(key) ?? { count: 0, contended: false, touches: 0 };
    presence.count += 1;
    presence.contended ||= presence.count > 1;
    this.#present.set(key, presence);
    return new Turn(this.#present, key, presence);
  }

  isWriting(key: string): boolean {
    return this.#present.size > 0 && this.#present.has(key);
  }

  /** An evict of the key has come: what a writer at work brings may be older than it. */
  contend(key: string): void {
    const presence = this.#present.get(key);
    if (presence !== undefined) presence.contended = true;
  }

  /** The key was changed by somebody, be it by a writer at work here. */
  touch(key: string): void {
    const presence = this.#present.get(key);
    if (presence !== undefined) presence.touches += 1;
  }
}
