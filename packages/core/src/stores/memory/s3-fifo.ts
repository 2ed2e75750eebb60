import type { EvictionOrder, EvictionPolicy } from './eviction-policy.ts';
import { fingerprint, Ghosts } from './ghosts.ts';
import { grown, SlotQueue } from './slot-queue.ts';

/**
 * What nobody asks for again soon goes first: S3-FIFO (Yang et al., SOSP 2023). New entries pass through a small queue
 * and leave from its end, unless they were used meanwhile; what was used, or comes back after it left, is kept in the
 * main queue, through which what is used goes another time. A scan thus passes by what is in use.
 *
 * Two things are not as published. The small queue is not a tenth of all entries: it begins so, grows when keys that it
 * dropped come back, and shrinks when keys that the main queue dropped do, as in ARC; else it loses to LRU wherever a key
 * is used again soon and then never more. And a use is one bit, not a count up to three: yesterday's favourites go
 * sooner, which also matters more than what is lost on traces that never change.
 */
export function s3Fifo(): EvictionPolicy {
  return { open: () => new S3FifoOrder() };
}

const used = 1;
const inMain = 2;

/** Shares of all entries: of the small queue, and of the keys that are remembered of the main queue. */
const smallAtFirst = 0.1;
const smallAtLeast = 0.01;
const smallAtMost = 0.9;
const mainGhosts = 0.3;

class S3FifoOrder implements EvictionOrder {
  readonly #small = new SlotQueue();
  readonly #main = new SlotQueue();
  readonly #leftSmall = new Ghosts();
  readonly #leftMain = new Ghosts();
  #share = smallAtFirst;
  #states = new Uint8Array(64);
  #prints = new Int32Array(64);

  add(slot: number, key: string, segment: number): void {
    if (slot >= this.#states.length) {
      this.#states = grown(this.#states, slot);
      this.#prints = grown(this.#prints, slot);
    }
    const print = fingerprint(key, segment);
    this.#prints[slot] = print;
    if (this.#cameBack(print)) {
      this.#states[slot] = inMain;
      this.#main.push(slot);
    } else {
      this.#states[slot] = 0;
      this.#small.push(slot);
    }
  }

  use(slot: number): void {
    this.#states[slot]! |= used;
  }

  remove(slot: number): void {
    ((this.#states[slot]! & inMain) === 0 ? this.#small : this.#main).remove(slot);
  }

  evict(): number {
    for (;;) {
      const smallIsFull = this.#small.size > 0 && this.#small.size >= this.#share * this.#entries;
      const victim = smallIsFull || this.#main.size === 0 ? this.#leaveSmall() : this.#leaveMain();
      if (victim !== 0) return victim;
    }
  }

  get #entries(): number {
    return this.#small.size + this.#main.size;
  }

  /** Takes the first out of the small queue; 0 if it only moved on. */
  #leaveSmall(): number {
    const slot = this.#small.shift();
    if ((this.#states[slot]! & used) === 0) {
      this.#leftSmall.add(this.#prints[slot]!, this.#entries);
      return slot;
    }
    this.#states[slot] = inMain;
    this.#main.push(slot);
    return 0;
  }

  /** Takes the first out of the main queue; 0 if it only goes through it again. */
  #leaveMain(): number {
    const slot = this.#main.first;
    if ((this.#states[slot]! & used) === 0) {
      this.#main.remove(slot);
      this.#leftMain.add(this.#prints[slot]!, this.#entries * mainGhosts);
      return slot;
    }
    this.#states[slot] = inMain;
    this.#main.moveToEnd(slot);
    return 0;
  }

  /** Whether the key has been here not long ago. The queue that dropped it was too short, and the rarer that is the more. */
  #cameBack(print: number): boolean {
    const ofSmall = this.#leftSmall.size;
    const ofMain = this.#leftMain.size;
    if (ofSmall + ofMain === 0) return false;
    if (this.#leftSmall.take(print)) {
      this.#share = Math.min(smallAtMost, this.#share + Math.max(1, ofMain / ofSmall) / (this.#entries + 1));
      return true;
    }
    if (!this.#leftMain.take(print)) return false;
    this.#share = Math.max(smallAtLeast, this.#share - Math.max(1, ofSmall / ofMain) / (this.#entries + 1));
    return true;
  }
}
