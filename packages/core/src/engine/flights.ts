/** The one load of a key that this process has under way. */
export interface Flight<T> {
  /** False once the key was written or invalidated: what the flight brings may be answered, but not be kept. */
  readonly attached: boolean;
  /**
   * Keeps the flight joinable until its fill has settled, so that no caller in the gap loads again. The fill tells
   * whether the value was still current by then; it never rejects.
   */
  keepUntil(filled: Promise<boolean>): void;
  readonly answer: Promise<T>;
}

/**
 * Single flight per key, as docs/consistency.md has it: a write or an invalidation detaches the flight
 * of its key. Who had joined gets its answer, later callers start a new one, and nothing that was asked for before is
 * kept after.
 *
 *   R1 starts a flight · W writes, detaching it · R2 starts its own · R1's old answer arrives and is kept by nobody
 */
export class Flights<T> {
  readonly #flights = new Map<string, OpenFlight<T>>();

  /** Loads in progress. */
  get size(): number {
    return this.#flights.size;
  }

  has(key: string): boolean {
    return this.#flights.has(key);
  }

  /**
   * Joins the flight of the key, or starts one. Who joins a load that was overtaken by a write of another process is
   * given the answer of a later one:
   *
   *   1 loads old · another process writes, and returns · 2 joins 1 · 1's fill is refused, so 2 must not have its answer
   */
  async join(key: string, fly: (flight: Flight<T>) => Promise<T>): Promise<T> {
    const current = this.#flights.get(key);
    if (current === undefined) return this.start(key, fly).answer;
    const answer = await current.answer;
    if (current.filled === undefined || (await current.filled)) return answer;
    // Whatever flies by now began after this caller came.
    return (this.#flights.get(key) ?? this.start(key, fly)).answer;
  }

  /** Starts a flight that replaces the one there may be. */
  start(key: string, fly: (flight: Flight<T>) => Promise<T>): Flight<T> {
    this.detach(key);
    const flight = new OpenFlight<T>();
    this.#flights.set(key, flight);
    flight.answer = fly(flight);
    const land = (): void => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    };
    flight.answer.then(() => (flight.filled === undefined ? land() : void flight.filled.then(land)), land);
    return flight;
  }

  /** The epoch of the key moves on. */
  detach(key: string): void {
    const flight = this.#flights.get(key);
    if (flight === undefined) return;
    flight.attached = false;
    this.#flights.delete(key);
  }

  /** The epoch of every key moves on. */
  detachAll(): void {
    for (const flight of this.#flights.values()) flight.attached = false;
    this.#flights.clear();
  }
}

class OpenFlight<T> implements Flight<T> {
  attached = true;
  filled: Promise<boolean> | undefined;
  answer!: Promise<T>;

  keepUntil(filled: Promise<boolean>): void {
    this.filled = filled;
  }
}
