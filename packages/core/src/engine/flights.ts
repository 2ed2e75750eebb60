import type { Clock } from '../model/clock.ts';
import { YoungMap } from './young-map.ts';

/** The one run that this process has under way for a key. */
export interface Flight<T> {
  /** When it began, by `Clock.elapsed`. */
  readonly begunAt: number;
  /** False once the key was written or invalidated: what the flight brings may be answered, but not be kept. */
  readonly attached: boolean;
  /** Whether its value was still current when it was kept; `undefined` until there is a value. */
  readonly filled: Promise<boolean> | undefined;
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
  readonly #clock: Clock;
  readonly #flights = new YoungMap<string, OpenFlight<T>>();
  /** By key the flights that nobody joins any longer, and that may still bring something to keep. */
  readonly #superseded = new Map<string, Set<OpenFlight<T>>>();
  #begun = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs that somebody may wait for. */
  get size(): number {
    return this.#flights.size;
  }

  get(key: string): Flight<T> | undefined {
    return this.#flights.get(key);
  }

  /**
   * Joins the flight of the key, or starts one. Who joins a load that was overtaken by a write of another process is
   * given the answer of a later one:
   *
   *   1 loads old · another process writes, and returns · 2 joins 1 · 1's fill is refused, so 2 must not have its answer
   */
  join(key: string, fly: (flight: Flight<T>) => Promise<T>): Promise<T> {
    const current = this.#flights.get(key);
    if (current === undefined) return this.start(key, fly).answer;
    current.joined ??= this.#landing(key, current, fly);
    return current.joined;
  }

  /** What those share who have joined the flight of the key; `undefined` if nobody has. */
  joined(key: string): Promise<T> | undefined {
    return this.#flights.get(key)?.joined;
  }

  /**
   * Gives the answer of a flight that begins no earlier than this call: of a new one, or of the one after the current,
   * which all who come meanwhile share. It is given once the fill has settled: who asks then finds what it brought.
   */
  next(key: string, fly: (flight: Flight<T>) => Promise<T>): Promise<T> {
    const current = this.#flights.get(key);
    if (current === undefined) return landed(this.start(key, fly));
    current.next ??= started(current)
      .then(() => current.landed)
      .then(() => landed(this.start(key, fly)));
    return current.next;
  }

  /** Starts a flight that replaces the one there may be. */
  start(key: string, fly: (flight: Flight<T>) => Promise<T>): OpenFlight<T> {
    this.#replace(key);
    this.#begun += 1;
    const flight = new OpenFlight<T>(this.#clock.elapsed(), this.#begun);
    this.#flights.set(key, flight);
    flight.answer = fly(flight);
    const land = (): void => this.#land(key, flight);
    flight.landed = flight.answer.then(() => (flight.filled === undefined ? land() : flight.filled.then(land)), land);
    return flight;
  }

  /**
   * Nobody is to join this flight any longer, since it takes too long; what it brings may be kept all the same, until it
   * is dismissed.
   */
  expire(key: string, flight: Flight<T>): void {
    const late = flight as OpenFlight<T>;
    late.expired = true;
    if (this.#flights.get(key) === late) this.#supersede(key, late);
  }

  /** What an expired flight brings is of no use any longer, or has been kept. */
  dismiss(key: string, flight: Flight<T>): void {
    this.#drop(key, (each) => each === flight);
  }

  /**
   * Something was invalidated that any flight may bring, or may not: who comes from now on joins none of them, and what
   * they bring is kept where it turns out to be valid.
   */
  supersedeAll(isConcerned: (key: string) => boolean = any): void {
    for (const [key, flight] of this.#flights.entries()) if (isConcerned(key)) this.#supersede(key, flight);
  }

  /** The flight has brought a value that is kept: what those bring that began before is older. */
  outrun(key: string, by: Flight<T>): void {
    if (this.#superseded.size > 0) this.#drop(key, (each) => each.number < (by as OpenFlight<T>).number);
  }

  /** The epoch of the key moves on. */
  detach(key: string): void {
    if (this.#flights.size > 0) this.#replace(key);
    if (this.#superseded.size > 0) this.#drop(key, () => true);
  }

  /** The epoch of every key moves on, or of every one that is concerned. */
  detachAll(isConcerned: (key: string) => boolean = any): void {
    const keys = [...this.#flights.entries(), ...this.#superseded].map(([key]) => key);
    for (const key of keys) if (isConcerned(key)) this.detach(key);
  }

  async #landing(key: string, current: OpenFlight<T>, fly: (flight: Flight<T>) => Promise<T>): Promise<T> {
    const answer = await (await started(current)).answer;
    if (current.filled === undefined || (await current.filled)) return answer;
    // Whatever flies by now began after all who had joined.
    return (this.#flights.get(key) ?? this.start(key, fly)).answer;
  }

  #replace(key: string): void {
    const flight = this.#flights.get(key);
    if (flight !== undefined) flight.attached = false;
    this.#flights.delete(key);
  }

  #supersede(key: string, flight: OpenFlight<T>): void {
    this.#flights.delete(key);
    const others = this.#superseded.get(key);
    if (others === undefined) this.#superseded.set(key, new Set([flight]));
    else others.add(flight);
  }

  #drop(key: string, which: (flight: OpenFlight<T>) => boolean): void {
    const flights = this.#superseded.get(key);
    if (flights === undefined) return;
    for (const flight of flights) {
      if (!which(flight)) continue;
      flight.attached = false;
      flights.delete(flight);
    }
    if (flights.size === 0) this.#superseded.delete(key);
  }

  #land(key: string, flight: OpenFlight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
    else if (!flight.expired) this.dismiss(key, flight);
  }
}

const any = (): boolean => true;

class OpenFlight<T> implements Flight<T> {
  readonly begunAt: number;
  /** Counts the flights of all keys. */
  readonly number: number;
  attached = true;
  filled: Promise<boolean> | undefined;
  /** Whether its answer was that it takes too long. */
  expired = false;
  /** Not there yet while whoever brings it is being called. */
  answer!: Promise<T>;
  /** Resolves once nobody can join it any longer. */
  landed!: Promise<void>;
  next: Promise<T> | undefined;
  /** The answer for all who join: ten thousand callers of a key cost no more than a promise each. */
  joined: Promise<T> | undefined;

  constructor(begunAt: number, number: number) {
    this.begunAt = begunAt;
    this.number = number;
  }

  keepUntil(filled: Promise<boolean>): void {
    this.filled = filled;
  }
}

/** The answer, once there is one to wait for: a loader may ask for its own key before it has so much as begun. */
async function started<T>(flight: OpenFlight<T>): Promise<{ readonly answer: Promise<T> }> {
  if (flight.answer === undefined) await Promise.resolve();
  return { answer: flight.answer };
}

async function landed<T>(flight: OpenFlight<T>): Promise<T> {
  const { answer } = flight;
  await flight.landed;
  return answer;
}
