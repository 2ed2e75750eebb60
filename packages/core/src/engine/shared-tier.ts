import { randomUUID } from 'node:crypto';
import { Budget, withDeadline } from '../layers/deadline.ts';
import { Guard } from '../layers/guard.ts';
import { Repairs } from '../layers/repairs.ts';
import { type Clock, delay } from '../model/clock.ts';
import { type Entry, usefulFor } from '../model/entry.ts';
import { CacheError } from '../model/errors.ts';
import type { Events } from '../model/events.ts';
import { decodeFrame, encodeFrame } from '../model/frame.ts';
import { address } from '../model/key.ts';
import type { Serializer } from '../model/serializer.ts';
import type { Eviction, Fill, LeaseReply, SharedRead, SharedSpace, SharedStore } from '../model/store.ts';
import type { FarTier, Lease, LeaseOutcome, Lookup, Marker, Parcel } from './far-tier.ts';
import { heartbeat } from './heartbeat.ts';
import { ReadBatch } from './read-batch.ts';
import { namespaceTag, resourceTag, type TagClocks } from './tag-clocks.ts';

// A holder beats three times within these, so a process that dies delays the others by one ttl at most.
const leaseTtl = 2_000;
const markerTtl = 10_000;
const mostRepairs = 10_000;
const betweenAsks = 50;

export interface SharedTierOptions {
  readonly store: SharedStore;
  readonly space: SharedSpace;
  readonly clock: Clock;
  readonly events: Events;
  readonly serializer: Serializer;
  /** The shape version that entries must have. */
  readonly version: number;
  readonly tags: TagClocks;
  readonly localTrust: number;
}

/**
 * A shared store as a cache sees it: entries instead of frames, guarded, and with a memory of the deletions that it
 * could not be told. A dead store makes a cache slower, not wrong.
 */
export class SharedTier {
  readonly options: SharedTierOptions;
  closed = false;
  readonly #guard: Guard;
  readonly #repairs = new Repairs(mostRepairs, namespaceTag);
  /** The lookups of all resources. */
  readonly reads = new ReadBatch((addresses, budget) => this.run((space) => space.read(addresses), budget));
  #syncing: Promise<void> | undefined;

  constructor(options: SharedTierOptions) {
    const { store, clock, events, space } = options;
    this.options = options;
    const repair = (): Promise<void> => this.#repair();
    this.#guard = new Guard({ store: store.name, clock, events, space, deadline: store.deadline, repair });
  }

  /** The part of it that belongs to one resource. */
  segment(name: string): FarTier {
    return new SharedSegment(this, name);
  }

  budget(): Budget {
    return new Budget(this.options.clock, this.options.store.deadline);
  }

  /** Runs one operation of the store under deadline and breaker; rejects as they do. */
  run<T>(work: (space: SharedSpace) => Promise<T>, budget = this.budget()): Promise<T> {
    return this.#guard.run(budget, () => work(this.options.space));
  }

  isSuspect(key: string): boolean {
    return this.#repairs.isSuspect(key);
  }

  /** Notes a deletion that is still to be made, and sees to it that it will be. */
  owe(keys: readonly string[]): Eviction {
    this.#repairs.addAddresses(keys);
    return this.#tellPending();
  }

  /** The same for a key whose writer is done: its marker may stand, and would keep the key empty until it runs out. */
  oweCommit(key: string, token: string): 'pending' {
    this.#repairs.addMarker(key, token);
    this.owe([key]);
    return 'pending';
  }

  /** Invalidates tags for all processes. Until the store has heard of it, nothing with these tags is valid here. */
  async invalidate(tags: readonly string[]): Promise<Eviction> {
    const blocked = this.options.tags.block(tags);
    try {
      this.options.tags.invalidatedAt(blocked, await this.run((space) => space.invalidate(blocked)));
      return 'done';
    } catch {
      // Another invalidation of the same tag may have succeeded meanwhile: this one is later.
      this.#repairs.addTags(this.options.tags.block(blocked));
      return this.#tellPending();
    }
  }

  /** Learns what other processes have invalidated, before anything of a reply is judged. */
  async catchUp(reply: SharedRead, budget: Budget): Promise<void> {
    // 1: A asks for what is new · 2: another process invalidates · 3: B reads · 4: A's answer, which lacks it, comes.
    for (let rounds = 0; rounds < 2 && !this.options.tags.isCurrent(reply.clock); rounds += 1) {
      this.#syncing ??= this.run((space) => space.tags(this.options.tags.known), budget)
        .then((record) => this.options.tags.learn(record))
        .finally(() => {
          this.#syncing = undefined;
        });
      await this.#syncing;
    }
  }

  /** Resolves once the store answers; asks again and again for `ms` milliseconds, then rejects as the last time. */
  async ready(ms: number): Promise<void> {
    const { clock, store, space } = this.options;
    const end = clock.elapsed() + ms;
    for (;;) {
      try {
        return await withDeadline(clock, end - clock.elapsed(), store.name, space.ping());
      } catch (error) {
        // A package that is missing or a user who is refused will not be there a moment later.
        const final = error instanceof CacheError && error.code !== 'STORE_TIMEOUT';
        if (final || end - clock.elapsed() <= betweenAsks) throw error;
        await delay(clock, betweenAsks);
      }
    }
  }

  async close(): Promise<void> {
    const { clock, store, space, events } = this.options;
    this.closed = true;
    this.#guard.close();
    try {
      await withDeadline(clock, store.deadline, store.name, space.close());
    } catch (error) {
      events.emit('storeError', { store: store.name, error });
    }
  }

  async #repair(): Promise<void> {
    const { clock, store, tags, space } = this.options;
    const within = <T>(work: Promise<T>): Promise<T> => withDeadline(clock, store.deadline, store.name, work);
    await this.#repairs.run({
      tags: async (batch) => tags.invalidatedAt(batch, await within(space.invalidate(batch))),
      addresses: async (batch) => {
        if ((await within(space.evict(batch))) === 'done') return;
        throw new CacheError('STORE_UNAVAILABLE', `${store.name} could not delete yet`, { store: store.name });
      },
      marker: async (address, token) => void (await within(space.commit(address, token))),
    });
  }

  #tellPending(): Eviction {
    this.options.events.emit('evictionPending', { store: this.options.store.name, pending: this.#repairs.pending });
    this.#guard.recoverSoon();
    return 'pending';
  }
}

class SharedSegment implements FarTier {
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
      // The clock is read after the fill, so that it tells of every invalidation from before it.
      const [fill, now] = await Promise.all([
        this.#tier.run((space) => space.fill(this.#address(key), request), budget),
        this.#tier.reads.read([], budget),
      ]);
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
    // one time-out is all that a caller pays (CONSISTENCY, rule 12).
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
