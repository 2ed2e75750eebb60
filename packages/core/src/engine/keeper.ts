import type { Clock } from '../model/clock.ts';
import type { Entry } from '../model/entry.ts';
import { CacheError, messageOf } from '../model/errors.ts';
import type { Events } from '../model/events.ts';
import { type Key, keyText } from '../model/key.ts';
import type { FarTier, Parcel } from './far-tier.ts';
import type { Kept } from './isolation.ts';
import type { LoadNotes } from './load-notes.ts';
import type { Policy } from './policy.ts';

/** A value with the entry that tiers may keep of it; without one it goes to its callers only. */
export interface Loaded extends Kept {
  readonly entry: Entry | undefined;
}

/** When a value was asked for, and what was known of tags then. */
export interface Origin {
  readonly startedAt: number;
  readonly known: Entry['known'];
}

export interface KeeperOptions {
  readonly resource: string;
  readonly policy: Policy;
  readonly far: FarTier | undefined;
  readonly clock: Clock;
  readonly events: Events;
  readonly random: () => number;
}

/**
 * Makes of values what tiers may keep: a private copy, its times and its tags. What cannot be kept is given out all the
 * same, and told by an event: it makes a resource slow, never wrong and never failing.
 */
export class Keeper<K extends Key> {
  readonly #options: KeeperOptions;
  #warned = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** A value that came from outside. `undefined` is nothing to keep. */
  keep(value: unknown, key: K, origin: Origin, policy = this.#options.policy, notes?: LoadNotes<K>): Loaded {
    if (value === undefined) return { value, handOut: undefined, entry: undefined };
    return this.entry(value, key, origin, () => this.#options.policy.isolation.keep(value), policy, notes);
  }

  /** A value of which `keep` makes, or has, the private copy. */
  entry(
    value: unknown,
    key: K,
    { startedAt, known }: Origin,
    keep: () => Kept,
    policy = this.#options.policy,
    notes?: LoadNotes<K>,
  ): Loaded {
    let kept: Kept = { value, handOut: undefined };
    try {
      kept = keep();
      const ttl = notes?.ttl ?? (value === null ? policy.negativeTtl : policy.ttl);
      const now = this.#options.clock.now();
      const until = now + ttl * (1 - policy.jitter * this.#options.random());
      const times = { createdAt: startedAt, freshUntil: until, staleUntil: until, graceUntil: until };
      const tags = [...policy.tagsOf(value, key), ...(notes?.tags ?? [])];
      return { ...kept, entry: { ...times, value: kept.value, tags, known, loadMs: now - startedAt } };
    } catch (error) {
      // Without its tags it must not be kept; a private copy of it is given out all the same.
      this.unstorable(keyText(key), 'memory', error);
      return { ...kept, entry: undefined };
    }
  }

  /** A value out of the far tier; `undefined` where a serializer gave back what must not be shared. */
  adopt(key: string, entry: Entry): Kept | undefined {
    try {
      return this.#options.policy.isolation.adopt(entry.value);
    } catch (error) {
      this.unstorable(key, this.#options.far!.name, error);
      return undefined;
    }
  }

  /** An entry ready for the far tier; `undefined` where that could not give it back as it is. */
  pack(key: string, entry: Entry): Parcel | undefined {
    try {
      return this.#options.far?.pack(entry);
    } catch (error) {
      this.unstorable(key, this.#options.far!.name, error);
      return undefined;
    }
  }

  /** A copy for a writer, who may do with it what it likes. */
  copyOf(value: unknown): unknown {
    const { isolation } = this.#options.policy;
    try {
      return isolation.forWriter(isolation.keep(value));
    } catch {
      // It is told when the copy is to be kept; the writer gets the only one there is.
      return value;
    }
  }

  unstorable(key: string, store: string, cause: unknown): void {
    const { resource, events } = this.#options;
    const sentence = `resource '${resource}' is not cached in ${store}: ${messageOf(cause)}`;
    const error = new CacheError('UNSTORABLE_VALUE', sentence, { cause, resource, key, store });
    events.emit('unstorable', { resource, key, error });
    // A cache that quietly never hits is the hardest mistake to see: say it once, listener or not.
    if (!this.#warned) process.emitWarning(sentence, 'CacheWarning');
    this.#warned = true;
  }
}
