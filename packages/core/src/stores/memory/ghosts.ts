/**
 * The last keys that were evicted, oldest first, each as a fingerprint of 32 bits: a ring, and a hash table whose chains
 * run through it. It costs 12 bytes a key and holds on to no string; two keys of one fingerprint are so rare that all
 * they do to a policy is one wrong guess.
 */
export class Ghosts {
  #capacity = 64;
  /** By place in the ring; 0 where the key has come back. */
  #prints = new Int32Array(64);
  /** By place in the ring: the next older place of the same bucket, as all places here one too high, 0 for none. */
  #chains = new Int32Array(64);
  #buckets = new Int32Array(64);
  #oldest = 0;
  /** How many places are in use, the empty ones among them. */
  #length = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Remembers one more, and only the last `most` of all. */
  add(print: number, most: number): void {
    while (this.#length > 0 && this.#length >= most) this.#forgetOldest();
    if (this.#length === this.#capacity) this.#grow();
    const place = (this.#oldest + this.#length) & (this.#capacity - 1);
    const bucket = print & (this.#capacity - 1);
    this.#prints[place] = print;
    this.#chains[place] = this.#buckets[bucket]!;
    this.#buckets[bucket] = place + 1;
    this.#length += 1;
    this.#size += 1;
  }

  /** Whether it is remembered; it is no longer, then. */
  take(print: number): boolean {
    let place = this.#buckets[print & (this.#capacity - 1)]! - 1;
    while (place >= 0 && this.#prints[place] !== print) place = this.#chains[place]! - 1;
    if (place >= 0) this.#empty(place);
    return place >= 0;
  }

  #forgetOldest(): void {
    if (this.#prints[this.#oldest] !== 0) this.#empty(this.#oldest);
    this.#oldest = (this.#oldest + 1) & (this.#capacity - 1);
    this.#length -= 1;
  }

  #empty(place: number): void {
    const bucket = this.#prints[place]! & (this.#capacity - 1);
    let link = this.#buckets[bucket]! - 1;
    if (link === place) this.#buckets[bucket] = this.#chains[place]!;
    else {
      while (this.#chains[link] !== place + 1) link = this.#chains[link]! - 1;
      this.#chains[link] = this.#chains[place]!;
    }
    this.#prints[place] = 0;
    this.#size -= 1;
  }

  #grow(): void {
    const { length } = this.#prints;
    const old = Array.from({ length }, (_, i) => this.#prints[(this.#oldest + i) & (length - 1)]!);
    this.#capacity = length * 2;
    this.#prints = new Int32Array(this.#capacity);
    this.#chains = new Int32Array(this.#capacity);
    this.#buckets = new Int32Array(this.#capacity);
    this.#oldest = this.#length = this.#size = 0;
    for (const print of old) if (print !== 0) this.add(print, Infinity);
  }
}

/** A hash of the key (FNV-1a, with the last step of MurmurHash3 to spread it), never 0. */
export function fingerprint(key: string, seed: number): number {
  let hash = Math.imul(seed + 1, 0x9e37_79b1);
  for (let i = 0; i < key.length; i += 1) hash = Math.imul(hash ^ key.charCodeAt(i), 0x0100_0193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  hash ^= hash >>> 16;
  return hash === 0 ? 1 : hash;
}
