import type { Bus } from '../model/bus.ts';
import type { Clock } from '../model/clock.ts';
import type { CounterSpace } from '../model/counters.ts';
import { CacheError, messageOf } from '../model/errors.ts';
import type { Events } from '../model/events.ts';
import { type Key, partsOf } from '../model/key.ts';
import { invalid } from '../model/options.ts';
import type { RecordSpace } from '../model/records.ts';
import type { Serializer } from '../model/serializer.ts';
import type {
  Eviction,
  LocalSegment,
  LocalSpace,
  LocalStore,
  SharedSpace,
  SharedStore,
  StoreContext,
} from '../model/store.ts';
import { Coherence } from './coherence.ts';
import { Counters, type OutagePolicy } from './counting.ts';
import { Engine, type ResourceStats } from './engine.ts';
import type { FarTier } from './far-tier.ts';
import type { Kept } from './isolation.ts';
import { NearTier } from './near-tier.ts';
import type { Policy } from './policy.ts';
import { type Ask, Records } from './records.ts';
import { closedError, type Tiers } from './scope.ts';
import { SharedSegment } from './shared-segment.ts';
import { SharedTier, type SharedTierHealth } from './shared-tier.ts';
import type { Behind } from './strategy.ts';
import { isUserTag, namespaceTag, ownerOf, resourceTag, TagClocks } from './tag-clocks.ts';
import { ownTruth, Trust } from './trust.ts';

export interface NamespaceSettings {
  readonly namespace: string;
  readonly version: number;
  readonly local: LocalStore | undefined;
  readonly shared: SharedStore | undefined;
  readonly bus: Bus | undefined;
  readonly maxLocalStaleness: number;
  readonly serializer: Serializer;
  readonly clock: Clock;
  readonly random: () => number;
  readonly events: Events;
  readonly enabled: boolean;
}

/** Where the store names no bound of its own. */
const maxRecordBytes = 8 * 2 ** 20;

/** How a cache is, as it knows without asking anybody. */
export interface CacheHealth {
  /** Whether all is well: the shared tier is up, and the bus is heard. A cache that is not well is slower, not wrong. */
  readonly ok: boolean;
  /** `undefined` for a cache in memory alone. */
  readonly shared: SharedTierHealth | undefined;
  /** Whether changes by other processes are heard of; `undefined` without a bus. */
  readonly bus: { readonly name: string; readonly heard: boolean } | undefined;
}

/** All that the resources of one cache have in common: the tiers, the record of tags, and word of what others change. */
export class Namespace {
  readonly #settings: NamespaceSettings;
  readonly #tags: TagClocks;
  readonly #trust: Trust;
  readonly #local: LocalSpace | undefined;
  readonly #shared: SharedTier | undefined;
  readonly #coherence: Coherence | undefined;
  /** By segment. */
  readonly #engines = new Map<string, AnyEngine>();
  #enabled: boolean;
  #closed = false;

  constructor(settings: NamespaceSettings) {
    const { clock, local, shared, bus } = settings;
    this.#settings = settings;
    this.#tags = new TagClocks(clock);
    this.#trust = new Trust(settings.maxLocalStaleness, bus?.tells);
    this.#local = local?.open(this.#storeContext(local.name));
    this.#coherence = bus === undefined ? undefined : this.#openBus(bus);
    this.#shared = shared === undefined ? undefined : this.#openShared(shared);
    this.#enabled = settings.enabled;
  }

  has(segment: string): boolean {
    return this.#engines.has(segment);
  }

  /** Opens a resource; `behind` is what its strategy puts in front of the shared tier. */
  open<K extends Key>(
    resource: string,
    segment: string,
    policy: Policy,
    behind: Behind = (far) => far,
  ): { readonly engine: Engine<K>; readonly shared: FarTier | undefined } {
    const { clock, random, events } = this.#settings;
    const tags = this.#tags;
    const adopt = (key: string, value: unknown, isPlain?: boolean): Kept | undefined =>
      engine.adopt(key, value, isPlain);
    const shared = this.#shared === undefined ? undefined : new SharedSegment(this.#shared, segment, adopt);
    const tiersOver = (local: LocalSegment | undefined, far: FarTier | undefined): Tiers => ({
      near: new NearTier(local, clock, tags, resourceTag(segment), far?.trust ?? ownTruth),
      far,
    });
    const tiers = tiersOver(this.#local?.segment(segment), behind(shared, policy.isolation, this.#trust));
    const bare = tiersOver(undefined, behind(undefined, policy.isolation, this.#trust));
    const engine = new Engine<K>({ resource, policy, tiers, bare, tags, clock, random, events });
    engine.enabled = this.#enabled;
    this.#engines.set(segment, engine);
    return { engine, shared };
  }

  /** Whether reads use the tiers. */
  get enabled(): boolean {
    return this.#enabled;
  }

  set enabled(enabled: boolean) {
    this.#enabled = enabled;
    for (const engine of this.#engines.values()) engine.enabled = enabled;
  }

  async invalidate(tags: readonly string[]): Promise<Eviction> {
    if (this.#shared === undefined) this.#tags.invalidateLocally(tags);
    const told = this.#shared === undefined ? 'done' : this.#shared.invalidate(tags);
    this.#invalidated(tags);
    return told;
  }

  /** The records of one name: in the shared tier, or without one in `local`. */
  records(name: string, local: () => RecordSpace): Records {
    const shared = this.#settings.shared;
    const ask = this.#ask('records', (space) => space.records?.(name), local);
    return new Records({ ask, maxBytes: shared?.maxValueBytes ?? maxRecordBytes });
  }

  /** The counters of one name: in the shared tier, or without one, and for while it is out of reach, in `local`. */
  counters(name: string, onOutage: OutagePolicy, local: CounterSpace): Counters {
    const ask = this.#ask(
      'counters',
      (space) => space.counters?.(name),
      () => local,
    );
    return new Counters({ name, ask, onOutage, local, events: this.#settings.events });
  }

  stats(): Record<string, ResourceStats> {
    return Object.fromEntries([...this.#engines].map(([segment, engine]) => [segment, engine.stats()]));
  }

  health(): CacheHealth {
    const shared = this.#shared?.health();
    const { bus } = this.#settings;
    const heard = bus && { name: bus.name, heard: this.#trust.hears };
    return { ok: shared?.up !== false && heard?.heard !== false, shared, bus: heard };
  }

  async ready(ms: number): Promise<void> {
    await this.#shared?.ready(ms);
  }

  /** From now on calls reject; see `Engine.close`. */
  async closeEngines(ms: number): Promise<void> {
    await Promise.all([...this.#engines.values()].map((engine) => engine.close(ms)));
  }

  /** Ends all connections and timers. */
  async close(): Promise<void> {
    this.#closed = true;
    try {
      this.#local?.close();
    } finally {
      await this.#coherence?.close();
      await this.#shared?.close();
    }
  }

  /** Whoever asks from now on must not be given what was loaded before. */
  #invalidated(tags: readonly string[]): void {
    for (const [segment, engine] of this.#engines) {
      if (tags.includes(namespaceTag) || tags.includes(resourceTag(segment))) engine.forgetAll();
      else {
        const some = tags.filter((tag) => isUserTag(tag) && (ownerOf(tag) ?? segment) === segment);
        if (some.length > 0) engine.supersede(some);
      }
    }
  }

  #ask<S>(what: string, open: (space: SharedSpace) => S | undefined, local: () => S): Ask<S> {
    const tier = this.#shared;
    const space = tier === undefined ? local() : open(tier.options.space);
    if (space === undefined) throw invalid(`cache.${what}:`, `the store '${tier!.options.store.name}' has none`);
    return async (work) => {
      if (this.#closed) throw closedError();
      if (tier === undefined) return work(space);
      try {
        return await tier.run(() => work(space));
      } catch (error) {
        if (error instanceof CacheError) throw error;
        // What a driver throws may have a code that means something else to who asks, as ENOENT does to express-session.
        const sentence = `${tier.options.store.name} could not be asked: ${messageOf(error)}`;
        throw new CacheError('STORE_UNAVAILABLE', sentence, { cause: error, store: tier.options.store.name });
      }
    };
  }

  #openShared(store: SharedStore): SharedTier {
    const { clock, serializer, version, events } = this.#settings;
    const space = store.open(this.#storeContext(store.name));
    const [tags, trust, announcer] = [this.#tags, this.#trust, this.#coherence];
    return new SharedTier({ store, space, clock, events, serializer, version, tags, trust, announcer });
  }

  #openBus(bus: Bus): Coherence {
    const { namespace, clock, events, maxLocalStaleness: staleness } = this.#settings;
    const [tags, trust] = [this.#tags, this.#trust];
    return new Coherence({
      bus,
      namespace,
      clock,
      events,
      trust,
      staleness,
      changed: (addresses) => {
        for (const [segment, key] of addresses.map(partsOf)) this.#engines.get(segment)?.overtake(key);
      },
      touched: (addresses) => {
        for (const [segment, key] of addresses.map(partsOf)) this.#engines.get(segment)?.touched(key);
      },
      invalidated: (told, at) => {
        tags.invalidatedAt(told, at);
        this.#invalidated(told);
      },
      doubted: () => tags.recheck(),
      sync: async () => this.#shared?.sync(),
    });
  }

  #storeContext(store: string): StoreContext {
    const { namespace, clock, events } = this.#settings;
    return { namespace, clock, report: (error) => events.emit('storeError', { store, error }) };
  }
}

/** What is done to all of them, whatever their keys are. */
type AnyEngine = Pick<Engine<Key>, 'close' | 'supersede' | 'overtake' | 'touched' | 'forgetAll' | 'stats' | 'enabled'>;
