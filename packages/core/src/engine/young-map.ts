const leastAdded = 1_024;

/**
 * A Map for what comes and goes. V8 links each table that a Map outgrows, be it by what was deleted, to the next one
 * (`OrderedHashTable::Rehash`): once a table is old, all later ones and what was in them are promoted with it, to be
 * collected with everything that is old, which takes much longer than what is young. So it is made anew now and then.
 */
export class YoungMap<K, V> {
  #map = new Map<K, V>();
  /** How many may yet be added before it is made anew, so that this costs no more than they did. */
  #left = leastAdded;

  get size(): number {
    return this.#map.size;
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  set(key: K, value: V): void {
    this.#left -= 1;
    if (this.#left === 0) this.#renew();
    this.#map.set(key, value);
  }

  delete(key: K): void {
    this.#map.delete(key);
  }

  /** What there is now, whatever is added or deleted meanwhile. */
  entries(): readonly (readonly [K, V])[] {
    return [...this.#map];
  }

  #renew(): void {
    this.#map = new Map(this.#map);
    this.#left = Math.max(leastAdded, this.#map.size);
  }
}
