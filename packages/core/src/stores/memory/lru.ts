import type { EvictionOrder, EvictionPolicy } from './eviction-policy.ts';
import { SlotQueue } from './slot-queue.ts';

/** What was least recently used goes first. Best where use follows use closely; one scan through much data flushes it. */
export function lru(): EvictionPolicy {
  return { open: () => new LruOrder() };
}

class LruOrder implements EvictionOrder {
  readonly #queue = new SlotQueue();

  add(slot: number): void {
    this.#queue.push(slot);
  }

  use(slot: number): void {
    this.#queue.moveToEnd(slot);
  }

  remove(slot: number): void {
    this.#queue.remove(slot);
  }

  evict(): number {
    return this.#queue.shift();
  }
}
