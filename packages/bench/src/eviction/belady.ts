import type { Trace } from './trace.ts';

/**
 * How many requests of a trace hit a cache that knows the future: Belady's MIN, which gives up what will be asked for
 * last of all. No cache of the size that takes in every key it misses has more hits.
 */
export function beladyHits(trace: Trace, size: number): number {
  const next = nextUses(trace);
  const cached = new Set<number>();
  // The places in the trace where cached keys will be asked for. A place that has passed is never the furthest.
  const uses = new Furthest();
  let hits = 0;
  trace.forEach((key, at) => {
    if (cached.has(key)) hits += 1;
    else {
      if (cached.size === size) cached.delete(trace[uses.take() % trace.length]!);
      cached.add(key);
    }
    uses.add(next[at]!);
  });
  return hits;
}

/** For each place where its key is asked for next; for a key that is not, a place of its own behind the end. */
function nextUses(trace: Trace): Int32Array {
  const next = new Int32Array(trace.length);
  const last = new Map<number, number>();
  for (let at = trace.length - 1; at >= 0; at -= 1) {
    next[at] = last.get(trace[at]!) ?? trace.length + at;
    last.set(trace[at]!, at);
  }
  return next;
}

/** A binary heap that gives its largest number first. */
class Furthest {
  readonly #heap: number[] = [];

  add(number: number): void {
    const heap = this.#heap;
    let place = heap.push(number) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (heap[parent]! >= number) break;
      heap[place] = heap[parent]!;
      place = parent;
    }
    heap[place] = number;
  }

  take(): number {
    const heap = this.#heap;
    const largest = heap[0]!;
    const number = heap.pop()!;
    if (heap.length === 0) return largest;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child + 1 < heap.length && heap[child + 1]! > heap[child]!) child += 1;
      if (child >= heap.length || heap[child]! <= number) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = number;
    return largest;
  }
}
