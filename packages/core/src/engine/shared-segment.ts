import { randomUUID } from 'node:crypto';
import type { Budget } from '../layers/deadline.ts';
import { type Entry, usefulFor } from '../model/entry.ts';
import { decodeFrame, encodeFrame } from '../model/frame.ts';
import { address } from '../model/key.ts';
import type { Eviction, Fill, LeaseReply } from '../model/store.ts';
import type { FarTier, Lease, LeaseOutcome, Lookup, Marker, Parcel } from './far-tier.ts';
import { heartbeat } from './heartbeat.ts';
import type { SharedTier } from './shared-tier.ts';
import { resourceTag } from './tag-clocks.ts';

// A holder beats three times within these, so a process that dies delays the others by one ttl at most.
const leaseTtl = 2_000;
const markerTtl = 10_000;

/** The part of a shared tier that belongs to one resource: leases, fills, markers and deletions by its own keys. */
export class SharedSegment implements FarTier {
  readonly #tier: SharedTier;
  readonly #segment: string;
  readonly #resourceTag: string;

  constructor(tier: SharedTier, segment: string) {
    this.#tier = tier;
    this.#segment = segment;
    this.#resourceTag = resourceTag(segment);
  }

  get name(): string {
    return this.#tier.options.store.name;
  }

  get localTrust(): number {
    return this.#tier.options.localTrust;
  }

  budget(): Budget {
    return this.#tier.budget();
  }

  async read(keys: readonly string[], budget: Budget): Promise<Lookup[]> {
    const addresses = keys.map((key) => this.#address(key));
    try {
      const asked = addresses.filter((each) => !this.#tier.isSuspect(each));
      if (asked.length === 0) return addresses.map(() => off);
      const reply = await this.#tier.reads.read(asked, budget);
      await this.#tier.catchUp(reply, budget);
      const frames = new Map(asked.map((each, index) => [each, reply.frames[index]]));
      // A key may have become suspect while the reply was on its way.
      return addresses.map((each) =>
        !frames.has(each) || this.#tier.isSuspect(each) ? off : this.#judge(frames.get(each)),
      );
    } catch {
      return addresses.map(() => off);
    }
  }

  async lease(key: string, budget: Budget, seen: Uint8Array | undefined): Promise<LeaseOutcome> {
    const at = this.#address(key);
    const token = randomUUID();
    const request = { token, ttl: leaseTtl, ...(seen === undefined ? {} : { seen }) };
    let asked: Promise<LeaseReply> | undefined;
    try {
      if (this.#tier.isSuspect(at)) return off;
      const reply = await this.#tier.run((space) => (asked = space.lease(at, request)), budget);
      if (this.#tier.isSuspect(at)) return off;
      if (reply.state === 'granted') return { state: 'granted', lease: this.#beating(at, token, leaseTtl) };
      if (reply.state !== 'filled') return reply;
      const found = this.#judge(reply.frame);
      if (found.state === 'hit') return { state: 'filled', entry: found.entry };
      // A value, but of no use here: of another shape version, or loaded before an invalidation. Ask again past it.
      return await this.lease(key, budget, reply.frame);
    } catch {
      // A grant that comes too late is given back, or the others would wait until it has run out.
      void asked?.then(
        ({ state }) => (state === 'granted' ? this.release(key, { token, stopBeating: () => undefined }) : undefined),
        () => undefined,
      );
      return off;
    }
  }

  pack(entry: Entry): Parcel {
    const { clock, version, serializer } = this.#tier.options;
    return {
      entry,
      frame: encodeFrame(entry, version, serializer),
      ttl: Math.max(1, Math.ceil(usefulFor(entry, clock.now()))),
    };
  }

  async fill(key: string, lease: Lease, { entry, frame, ttl }: Parcel): Promise<Fill | 'off'> {
    lease.stopBeating();
    const budget = this.budget();
    const request = { token: lease.token, frame, ttl };
    try {
      // The clock is read right after the fill, so that it tells of every invalidation from before it. It does not wait
      // for the lookups of this turn: until it is known, later callers may still join this load.
      const [fill, now] = await this.#tier.run(
        (space) => Promise.all([space.fill(this.#address(key), request), space.read([])]),
        budget,
      );
      await this.#tier.catchUp(now, budget);
      return fill === 'filled' && this.#tier.options.tags.isValid(entry, this.#resourceTag) ? 'filled' : 'refused';
    } catch {
      // So that nobody has to wait until the lease runs out.
      void this.release(key, lease);
      return 'off';
    }
  }

  async release(key: string, lease: Lease): Promise<boolean> {
    lease.stopBeating();
    return this.#tier.run((space) => space.release(this.#address(key), lease.token)).catch(() => true);
  }

  async mark(key: string, budget: Budget): Promise<Marker> {
    const at = this.#address(key);
    const token = randomUUID();
    try {
      await this.#tier.run((space) => space.mark([at], token, markerTtl), budget);
      return { told: true, ...this.#beating(at, token, markerTtl) };
    } catch {
      this.#tier.owe([at]);
      return { token, told: false, stopBeating: () => undefined };
    }
  }

  async commit(key: string, marker: Marker, parcel: Parcel | undefined): Promise<Fill | 'pending'> {
    marker.stopBeating();
    const at = this.#address(key);
    // A marker that was not heard of did not keep others from filling, so a deletion is owed. It is not tried at once:
    // one time-out is all that a caller pays (docs/consistency.md).
    if (!marker.told) return this.#tier.oweCommit(at, marker.token);
    return this.#tier
      .run((space) => space.commit(at, marker.token, parcel))
      .catch(() => this.#tier.oweCommit(at, marker.token));
  }

  async evict(keys: readonly string[]): Promise<Eviction> {
    const addresses = keys.map((key) => this.#address(key));
    const owed = addresses.some((each) => this.#tier.isSuspect(each));
    const eviction = await this.#tier.run((space) => space.evict(addresses)).catch(() => 'pending' as const);
    // An older deletion of the same key may still be on its way to the store; it counts when that has arrived too.
    return eviction === 'done' && !owed ? 'done' : this.#owe(addresses);
  }

  #owe(addresses: readonly string[]): 'pending' {
    this.#tier.owe(addresses);
    return 'pending';
  }

  #address(key: string): string {
    return address(this.#segment, key);
  }

  /** An entry that is fresh and valid, or what is known instead. */
  #judge(frame: Uint8Array | undefined): Lookup {
    if (frame === undefined) return { state: 'miss' };
    const { clock, version, serializer, tags, events } = this.#tier.options;
    try {
      const entry = decodeFrame(frame, version, serializer);
      const usable = entry !== undefined && entry.freshUntil > clock.now() && tags.isValid(entry, this.#resourceTag);
      return usable ? { state: 'hit', entry } : { state: 'miss', seen: frame };
    } catch (error) {
      events.emit('storeError', { store: this.name, error });
      return { state: 'miss', seen: frame };
    }
  }

  #beating(at: string, token: string, ttl: number): Lease {
    const beat = async (): Promise<boolean> =>
      !this.#tier.closed && (await this.#tier.run((space) => space.extend(at, token, ttl)));
    return { token, stopBeating: heartbeat(this.#tier.options.clock, ttl, beat) };
  }
}

const off = { state: 'off' } as const;
