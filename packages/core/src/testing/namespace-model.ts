import { randomUUID } from 'node:crypto';
import type { Clock } from '../model/clock.ts';
import type { TagClock } from '../model/entry.ts';
import type {
  Eviction,
  Fill,
  FillRequest,
  LeaseReply,
  LeaseRequest,
  ReplaceRequest,
  SharedRead,
  TagRecord,
} from '../model/store.ts';

/** What there is at one address. */
interface Place {
  frame?: { bytes: Uint8Array; until: number } | undefined;
  lease?: { token: string; until: number } | undefined;
  markers: Map<string, number>;
  overlapped: boolean;
}

/** One namespace of the model: every operation of `SharedSpace` as one atomic step, without the wire. */
export class NamespaceModel {
  readonly #clock: Clock;
  readonly #places = new Map<string, Place>();
  #record: { clock: TagClock; instants: Map<string, number> } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  read(addresses: readonly string[]): SharedRead {
    return { frames: addresses.map((each) => this.#place(each).frame?.bytes), clock: this.#record?.clock };
  }

  lease(address: string, { token, ttl, seen }: LeaseRequest): LeaseReply {
    const place = this.#place(address);
    const { frame } = place;
    if (frame !== undefined && (seen === undefined || !Buffer.from(frame.bytes).equals(seen))) {
      return { state: 'filled', frame: frame.bytes };
    }
    if (place.markers.size > 0) return { state: 'writing' };
    if (place.lease !== undefined) return { state: 'held' };
    place.lease = { token, until: this.#clock.now() + ttl };
    return { state: 'granted' };
  }

  extend(address: string, token: string, ttl: number): boolean {
    const place = this.#place(address);
    const until = this.#clock.now() + ttl;
    if (place.lease?.token === token) place.lease.until = until;
    else if (place.markers.has(token)) place.markers.set(token, until);
    else return false;
    return true;
  }

  fill(address: string, { token, frame, ttl }: FillRequest): Fill {
    const place = this.#place(address);
    if (place.lease?.token !== token) return 'refused';
    place.lease = undefined;
    if (place.markers.size > 0) return 'refused';
    place.frame = { bytes: frame, until: this.#clock.now() + ttl };
    return 'filled';
  }

  replace(address: string, { seen, frame, ttl }: ReplaceRequest): Fill {
    const place = this.#place(address);
    const same = place.frame !== undefined && Buffer.from(place.frame.bytes).equals(seen);
    if (!same || place.lease !== undefined || place.markers.size > 0) return 'refused';
    place.frame = { bytes: frame, until: this.#clock.now() + ttl };
    return 'filled';
  }

  release(address: string, token: string): boolean {
    const place = this.#place(address);
    const held = place.lease?.token === token;
    if (held) place.lease = undefined;
    return held;
  }

  mark(address: string, token: string, ttl: number): void {
    const place = this.#place(address);
    place.frame = undefined;
    place.lease = undefined;
    if (place.markers.size > 0) place.overlapped = true;
    place.markers.set(token, this.#clock.now() + ttl);
  }

  commit(address: string, token: string, value: Omit<FillRequest, 'token'> | undefined): Fill {
    const place = this.#place(address);
    const alone = place.markers.has(token) && place.markers.size === 1 && !place.overlapped;
    place.markers.delete(token);
    place.overlapped = place.markers.size > 0;
    place.frame = undefined;
    place.lease = undefined;
    if (!alone || value === undefined) return 'refused';
    place.frame = { bytes: value.frame, until: this.#clock.now() + value.ttl };
    return 'filled';
  }

  evict(addresses: readonly string[]): Eviction {
    for (const place of addresses.map((each) => this.#place(each))) {
      place.frame = undefined;
      place.lease = undefined;
      place.overlapped = place.markers.size > 0;
    }
    return 'done';
  }

  invalidate(tags: readonly string[]): TagClock {
    const record = this.#openRecord();
    const at = Math.max(this.#clock.now() * 1_000, record.clock.at + 1);
    record.clock = { generation: record.clock.generation, at };
    for (const tag of tags) record.instants.set(tag, at);
    return record.clock;
  }

  tags(since: TagClock): TagRecord {
    const { clock, instants } = this.#openRecord();
    const known = clock.generation === since.generation ? since.at : 0;
    return { clock, instants: new Map([...instants].filter(([, at]) => at > known)) };
  }

  /** The record of tags is gone, as from a server that evicted it. */
  loseTags(): void {
    this.#record = undefined;
  }

  #place(address: string): Place {
    const now = this.#clock.now();
    const place: Place = this.#places.get(address) ?? { markers: new Map(), overlapped: false };
    this.#places.set(address, place);
    if (place.frame !== undefined && place.frame.until <= now) place.frame = undefined;
    if (place.lease !== undefined && place.lease.until <= now) place.lease = undefined;
    for (const [token, until] of place.markers) if (until <= now) place.markers.delete(token);
    if (place.markers.size === 0) place.overlapped = false;
    return place;
  }

  #openRecord(): { clock: TagClock; instants: Map<string, number> } {
    if (this.#record === undefined) {
      const clock = { generation: randomUUID(), at: this.#clock.now() * 1_000 };
      this.#record = { clock, instants: new Map() };
    }
    return this.#record;
  }
}
