import { randomUUID } from 'node:crypto';
import type { Budget } from '../layers/deadline.ts';
import { type Entry, usefulFor } from '../model/entry.ts';
import { decodeFrame, encodeFrame, formOf } from '../model/frame.ts';
import { address } from '../model/key.ts';
import type { Eviction, Fill, LeaseReply } from '../model/store.ts';
import type { FarEntry, FarTier, Lease, LeaseOutcome, Lookup, Marker, Parcel, Replacement } from './far-tier.ts';
import { freshnessOf } from './freshness.ts';
import { heartbeat } from './heartbeat.ts';
import type { Kept } from './isolation.ts';
import type { SharedTier } from './shared-tier.ts';
import { resourceTag } from './tag-clocks.ts';
import type { Trust } from './trust.ts';

// A holder beats three times within these, so a process that dies delays the others by one ttl at most.
const leaseTtl = 2_000;
const markerTtl = 10_000;

/** The part of a shared tier that belongs to one resource: leases, fills, markers and deletions by its own keys. */
export class SharedSegment implements FarTier {
  readonly #tier: SharedTier;
  readonly #segment: string;
  readonly #adopt: Adopt;
  readonly #resourceTag: string;

  constructor(tier: SharedTier, segment: string, adopt: Adopt) {
    this.#tier = tier;
    this.#segment = segment;
    this.#adopt = adopt;
    this.#resourceTag = resourceTag(segment);
  }

  get name(): string {
    return this.#tier.options.store.name;
  }

  get maxValueBytes(): number {
    return this.#tier.options.store.maxValueBytes ?? Infinity;
  }

  get trust(): Trust {
    return this.#tier.options.trust;
  }

  budget(): Budget {
    return this.#tier.budget();
  }

  read(key: string, budget: Budget): Promise<Lookup> {
    const at = this.#address(key);
    if (this.#tier.isSuspect(at)) return alreadyOff;
    const { reply, place } = this.#tier.reads.join({ address: at, budget });
    return reply.then(
      // A key may have become suspect while the reply was on its way.
      (frames) => (this.#tier.isSuspect(at) ? off : this.#judge(key, frames[place])),
      isOff,
    );
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
      if (reply.state === 'granted') {
        return { state: 'granted', lease: { ...this.#beating(at, token, leaseTtl), replaces: seen !== undefined } };
      }
      if (reply.state !== 'filled') return reply;
      return { state: 'filled', lookup: this.#judge(key, reply.frame) };
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
      if (fill === 'filled' && lease.replaces) this.#tier.changed([this.#address(key)]);
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
    // A process that only writes would never learn what others invalidate, and all that it keeps would count as older.
    this.#tier.sync().catch(() => undefined);
    try {
      await this.#tier.run((space) => space.mark([at], token, markerTtl), budget);
      this.#tier.changed([at]);
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
    try {
      const committed = await this.#tier.run((space) => space.commit(at, marker.token, parcel));
      // Once more: the marker may have run out, and somebody have loaded what was before.
      this.#tier.changed([at]);
      return committed;
    } catch {
      return this.#tier.oweCommit(at, marker.token);
    }
  }

  async evict(keys: readonly string[]): Promise<Eviction> {
    const addresses = keys.map((key) => this.#address(key));
    const owed = addresses.some((each) => this.#tier.isSuspect(each));
    const eviction = await this.#tier.run((space) => space.evict(addresses)).catch(() => 'pending' as const);
    // An older deletion of the same key may still be on its way to the store; it counts when that has arrived too.
    if (eviction !== 'done' || owed) return this.#tier.owe(addresses);
    this.#tier.changed(addresses);
    return 'done';
  }

  async replace(key: string, change: (found: FarEntry) => Entry | undefined): Promise<Replacement> {
    const budget = this.budget();
    const lookup = await this.read(key, budget);
    if (lookup.state !== 'found') return lookup.state === 'nothing' ? 'nothing' : 'off';
    const changed = change(lookup.found);
    if (changed === undefined) return 'nothing';
    const parcel = this.pack(changed);
    const at = this.#address(key);
    const request = { seen: lookup.found.frame, frame: parcel.frame, ttl: parcel.ttl };
    const replaced = await this.#tier.run((space) => space.replace(at, request), budget).catch(() => 'off' as const);
    if (replaced !== 'filled') return replaced;
    this.#tier.changed([at]);
    return 'done';
  }

  #address(key: string): string {
    return address(this.#segment, key);
  }

  /** An entry that is valid, fresh or stale, or what is known instead. */
  #judge(key: string, frame: Uint8Array | undefined): Lookup {
    if (frame === undefined) return { state: 'nothing' };
    const { clock, version, serializer, tags, events } = this.#tier.options;
    try {
      const entry = decodeFrame(frame, version, serializer);
      if (entry === undefined) return { state: 'nothing', seen: frame };
      const state = freshnessOf(entry, clock.now());
      if (state === 'over' || !tags.isValid(entry, this.#resourceTag)) return { state: 'nothing', seen: frame };
      const kept = this.#adopt(key, entry.value, serializer.isPlain?.(formOf(frame)));
      return kept === undefined ? { state: 'nothing', seen: frame } : foundAs({ entry, kept, state, frame });
    } catch (error) {
      events.emit('storeError', { store: this.name, error });
      return { state: 'nothing', seen: frame };
    }
  }

  #beating(at: string, token: string, ttl: number): Lease {
    const { heartbeats, options, closed } = this.#tier;
    // The reply may have come after the end.
    if (closed) return { token, stopBeating: () => undefined };
    const stop = heartbeat(options.clock, ttl, () => this.#tier.run((space) => space.extend(at, token, ttl)));
    heartbeats.add(stop);
    const stopBeating = (): void => {
      heartbeats.delete(stop);
      stop();
    };
    return { token, stopBeating };
  }
}

/** Makes of a value out of a store what callers get; `undefined` where that is not what it should be. */
type Adopt = (key: string, value: unknown, isPlain?: boolean) => Kept | undefined;

const off = { state: 'off' } as const;
const alreadyOff = Promise.resolve(off);
const isOff = (): Lookup => off;

function foundAs(found: FarEntry): Lookup {
  return { state: 'found', found };
}
