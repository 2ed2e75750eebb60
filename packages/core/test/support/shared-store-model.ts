import type { Clock } from '../../src/model/clock.ts';
import type { TagClock } from '../../src/model/entry.ts';
import type {
  Eviction,
  Fill,
  FillRequest,
  LeaseReply,
  LeaseRequest,
  SharedRead,
  SharedSpace,
  SharedStore,
  TagRecord,
} from '../../src/model/store.ts';

/** What lies between a process and the model: called before an operation is executed, and before its reply arrives. */
export type Wire = (step: `${'request' | 'reply'} ${keyof SharedSpace}`) => Promise<void>;

const immediate: Wire = () => Promise.resolve();

interface Place {
  frame?: { bytes: Uint8Array; until: number } | undefined;
  lease?: { token: string; until: number } | undefined;
  markers: Map<string, number>;
  overlapped: boolean;
}

/**
 * The contract of a shared store, as plainly as it can be said: what the scripts of a real one must do. Stores opened
 * from one model are the processes that share it; each has a wire of its own.
 */
export class SharedStoreModel {
  readonly #clock: Clock;
  readonly #places = new Map<string, Place>();
  #generations = 0;
  #record: { clock: TagClock; instants: Map<string, number> } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The store as one process sees it. */
  store(wire: Wire = immediate): SharedStore {
    return {
      name: 'model',
      scope: 'shared',
      capabilities: { conditionalFill: true },
      deadline: 150,
      open: () => this.space(wire),
    };
  }

  space(wire: Wire = immediate): SharedSpace {
    const call = async <T>(name: keyof SharedSpace, run: () => T): Promise<T> => {
      await wire(`request ${name}`);
      const reply = run();
      await wire(`reply ${name}`);
      return reply;
    };
    return {
      read: (addresses) => call('read', () => this.#read(addresses)),
      lease: (address, request) => call('lease', () => this.#lease(address, request)),
      extend: (address, token, ttl) => call('extend', () => this.#extend(address, token, ttl)),
      fill: (address, request) => call('fill', () => this.#fill(address, request)),
      release: (address, token) => call('release', () => this.#release(address, token)),
      mark: (addresses, token, ttl) => call('mark', () => addresses.forEach((each) => this.#mark(each, token, ttl))),
      commit: (address, token, value) => call('commit', () => this.#commit(address, token, value)),
      evict: (addresses) => call('evict', () => this.#evict(addresses)),
      invalidate: (tags) => call('invalidate', () => this.#invalidate(tags)),
      tags: (since) => call('tags', () => this.#tags(since)),
      ping: () => call('ping', () => undefined),
      reset: () => undefined,
      close: () => Promise.resolve(),
    };
  }

  /** Loses the record of tags, as a server does that evicts it. */
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

  #read(addresses: readonly string[]): SharedRead {
    return { frames: addresses.map((each) => this.#place(each).frame?.bytes), clock: this.#record?.clock };
  }

  #lease(address: string, { token, ttl, seen }: LeaseRequest): LeaseReply {
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

  #extend(address: string, token: string, ttl: number): boolean {
    const place = this.#place(address);
    const until = this.#clock.now() + ttl;
    if (place.lease?.token === token) place.lease.until = until;
    else if (place.markers.has(token)) place.markers.set(token, until);
    else return false;
    return true;
  }

  #fill(address: string, { token, frame, ttl }: FillRequest): Fill {
    const place = this.#place(address);
    if (place.lease?.token !== token) return 'refused';
    place.lease = undefined;
    if (place.markers.size > 0) return 'refused';
    place.frame = { bytes: frame, until: this.#clock.now() + ttl };
    return 'filled';
  }

  #release(address: string, token: string): boolean {
    const place = this.#place(address);
    const held = place.lease?.token === token;
    if (held) place.lease = undefined;
    return held;
  }

  #mark(address: string, token: string, ttl: number): void {
    const place = this.#place(address);
    place.frame = undefined;
    place.lease = undefined;
    if (place.markers.size > 0) place.overlapped = true;
    place.markers.set(token, this.#clock.now() + ttl);
  }

  #commit(address: string, token: string, value: Omit<FillRequest, 'token'> | undefined): Fill {
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

  #evict(addresses: readonly string[]): Eviction {
    for (const place of addresses.map((each) => this.#place(each))) {
      place.frame = undefined;
      place.lease = undefined;
      place.overlapped = place.markers.size > 0;
    }
    return 'done';
  }

  #invalidate(tags: readonly string[]): TagClock {
    const record = this.#openRecord();
    const at = Math.max(this.#clock.now() * 1_000, record.clock.at + 1);
    record.clock = { generation: record.clock.generation, at };
    for (const tag of tags) record.instants.set(tag, at);
    return record.clock;
  }

  #tags(since: TagClock): TagRecord {
    const { clock, instants } = this.#openRecord();
    const known = clock.generation === since.generation ? since.at : 0;
    return { clock, instants: new Map([...instants].filter(([, at]) => at > known)) };
  }

  #openRecord(): { clock: TagClock; instants: Map<string, number> } {
    if (this.#record === undefined) {
      this.#generations += 1;
      const clock = { generation: `generation ${this.#generations}`, at: this.#clock.now() * 1_000 };
      this.#record = { clock, instants: new Map() };
    }
    return this.#record;
  }
}
