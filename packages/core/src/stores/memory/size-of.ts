import { types } from 'node:util';

/**
 * About how many bytes of heap a value takes: strings by two bytes a character, numbers by eight, objects by their
 * fields and a fixed share. An estimate for a bound, not a measurement; what is referred to twice counts once. It stops
 * counting above `most`; what cannot be looked at (a revoked proxy, a getter that throws) has no bound: `Infinity`.
 */
export function sizeOf(value: unknown, most = Infinity): number {
  if (typeof value !== 'object' || value === null) return ofLeaf(value);
  try {
    return new Walk(value, most).measure();
  } catch {
    return Infinity;
  }
}

/** A walk without recursion, so that no depth is too deep for it. */
class Walk {
  readonly #most: number;
  readonly #pending: object[];
  readonly #root: object;
  /** Made only for a value that has parts: most lists and records have none. */
  #met: Set<object> | undefined;
  #bytes = 0;

  constructor(root: object, most: number) {
    this.#most = most;
    this.#root = root;
    this.#pending = [root];
  }

  measure(): number {
    for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) {
      this.#open(next);
      if (this.#bytes > this.#most) break;
    }
    return this.#bytes;
  }

  #open(value: object): void {
    const kind: unknown = Object.getPrototypeOf(value);
    // The usual kinds first. Both loops make nothing, and the second finds no more than the object's own fields.
    if (kind === Array.prototype) this.#addAll(value as unknown[], 32);
    else if (kind === Object.prototype) {
      this.#bytes += 56;
      for (const name in value) this.#add((value as Record<string, unknown>)[name]);
    } else if (ArrayBuffer.isView(value)) {
      this.#bytes += 96;
      // However little of it the view shows, all of it is kept alive.
      this.#add(value.buffer);
    } else if (types.isAnyArrayBuffer(value)) this.#bytes += 96 + value.byteLength;
    else if (types.isStringObject(value)) this.#bytes += 40 + value.length * 2;
    else if (types.isSet(value)) this.#addAll(value, 64);
    else if (types.isMap(value)) {
      this.#addAll(value.keys(), 64);
      this.#addAll(value.values(), 0);
    } else this.#addAll(Object.values(value), 56);
  }

  #addAll(parts: Iterable<unknown>, own: number): void {
    this.#bytes += own;
    for (const part of parts) {
      this.#add(part);
      if (this.#bytes > this.#most) return;
    }
  }

  #add(part: unknown): void {
    if (typeof part !== 'object' || part === null) {
      this.#bytes += ofLeaf(part);
      return;
    }
    this.#bytes += 8;
    this.#met ??= new Set([this.#root]);
    if (this.#met.has(part)) return;
    this.#met.add(part);
    this.#pending.push(part);
  }
}

function ofLeaf(value: unknown): number {
  if (typeof value === 'string') return 24 + value.length * 2;
  if (typeof value === 'bigint') return 24 + Math.ceil(value.toString(16).length / 2);
  return 8;
}
