import type { Clock } from '../model/clock.ts';
import type { Entry } from '../model/entry.ts';
import { CacheError, messageOf } from '../model/errors.ts';
import type { Events } from '../model/events.ts';
import { type Key, keyText } from '../model/key.ts';
import type { FarTier, Parcel } from './far-tier.ts';
import { handOut, type Kept } from './isolation.ts';
import type { LoadNotes } from './load-notes.ts';
import type { Policy } from './policy.ts';
import { faultIn } from './schema.ts';

/** A value with the entry that tiers may keep of it; without one it goes to its callers only. */
export interface Loaded extends Kept {
  readonly entry: Entry | undefined;
}

/** When a value was asked for, and what was known of tags then. */
export interface Origin {
  /** By `Clock.now`. */
  readonly startedAt: number;
  /** The same instant by `Clock.elapsed`. */
  readonly begunAt: number;
  readonly known: Entry['known'];
}

export interface KeeperOptions {
  readonly resource: string;
  readonly policy: Policy;
  /** The name of the store behind memory. */
  readonly farName: string;
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
    origin: Origin,
    keep: () => Kept,
    policy = this.#options.policy,
    notes?: LoadNotes<K>,
  ): Loaded {
    let kept: Kept = { value, handOut: undefined };
    try {
      kept = keep();
      const times = this.#times(value, key, policy, notes);
      const tags = [...policy.tagsOf(value, key), ...(notes?.tags ?? [])];
      return { ...kept, entry: this.#entry(kept, origin, times, tags) };
    } catch (error) {
      // Without its tags it must not be kept; a private copy of it is given out all the same.
      this.unstorable(keyText(key), 'memory', error);
      return { ...kept, entry: undefined };
    }
  }

  /** What its source says has not changed: as if it had been loaded anew, with the tags it had unless it is given others. */
  renewed(stale: Stale, key: K, origin: Origin, policy: Policy, notes: LoadNotes<K>): Loaded {
    const { kept, entry } = stale;
    try {
      const times = this.#times(handOut(kept), key, policy, notes);
      const tags = notes.tags === undefined ? entry.tags : [...policy.tagsOf(handOut(kept), key), ...notes.tags];
      return { ...kept, entry: this.#entry(kept, origin, times, tags) };
    } catch (error) {
      this.unstorable(keyText(key), 'memory', error);
      return { ...kept, entry: undefined };
    }
  }

  /** The same entry, fresh for another TTL from now on. */
  prolonged(entry: Entry, kept: Kept, key: K, policy: Policy): Entry {
    return { ...entry, ...this.#times(handOut(kept), key, policy) };
  }

  /** A value out of the far tier; `undefined` where it is not what it should be, or must not be shared. See `Isolation`. */
  adopt(key: string, value: unknown, isPlain?: boolean): Kept | undefined {
    const { resource, policy, events, farName: store } = this.#options;
    try {
      // `null`, known to be absent, needs no shape.
      const fault = policy.schema === undefined || value === null ? undefined : faultIn(policy.schema, value);
      if (fault === undefined) return policy.isolation.adopt(value, isPlain);
      const sentence = `resource '${resource}': a value in ${store} is not used: ${fault}`;
      events.emit('invalidValue', {
        resource,
        key,
        error: new CacheError('INVALID_VALUE', sentence, { resource, key, store }),
      });
    } catch (error) {
      this.unstorable(key, store, error);
    }
    return undefined;
  }

  /** An entry ready for the far tier; `undefined` where that could not give it back as it is, or it is too large. */
  pack(key: string, entry: Entry, far: FarTier): Parcel | undefined {
    try {
      const parcel = far.pack(entry);
      if (parcel.frame.length <= far.maxValueBytes) return parcel;
      this.#options.events.emit('tooLarge', { resource: this.#options.resource, key, store: far.name });
      return undefined;
    } catch (error) {
      this.unstorable(key, far.name, error);
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

  /** The instants of a value that is fresh from now on. */
  #times(value: unknown, key: K, policy: Policy, notes?: LoadNotes<K>): Times {
    const ttl = notes?.ttl ?? (value === null ? policy.negativeTtl : undefined) ?? policy.ttlOf(value, key);
    const freshUntil = this.#options.clock.now() + ttl * (1 - policy.jitter * this.#options.random());
    const staleUntil = freshUntil + (notes?.staleWhileRevalidate ?? policy.staleWhileRevalidate);
    return { freshUntil, staleUntil, graceUntil: freshUntil + (notes?.grace ?? policy.grace) };
  }

  #entry({ value }: Kept, { startedAt, begunAt, known }: Origin, times: Times, tags: readonly string[]): Entry {
    return { value, createdAt: startedAt, ...times, tags, known, loadMs: this.#options.clock.elapsed() - begunAt };
  }
}

/** An entry that is not fresh any longer, and the form in which it is handed out. */
export interface Stale {
  readonly entry: Entry;
  readonly kept: Kept;
}

type Times = Pick<Entry, 'freshUntil' | 'staleUntil' | 'graceUntil'>;
