import type { Entry } from '../model/entry.ts';
import { type Key, keyText } from '../model/key.ts';
import type { Eviction } from '../model/store.ts';
import type { Parcel } from './far-tier.ts';
import type { Kept } from './isolation.ts';
import type { Loaded, Stale } from './keeper.ts';
import type { Policy } from './policy.ts';
import type { Scope } from './scope.ts';

/** The one write path of a resource: changes of the source, and what they and others make of the tiers. */
export class Writer<K extends Key> {
  readonly #scope: Scope<K>;

  constructor(scope: Scope<K>) {
    this.#scope = scope;
  }

  /**
   * Changes the source, so that once this has settled no reader of any process is given what was before: mark,
   * change, then commit or delete (docs/consistency.md). What `run` throws reaches the caller, and the key ends
   * up empty. `value` is kept if this was the only writer; it is what the source holds after the change.
   */
  async change<R>(key: K, run: () => Promise<R> | R, value?: (result: R) => unknown): Promise<R> {
    const { keeper, options, writers } = this.#scope;
    const { far } = options.tiers;
    const text = keyText(key);
    const turn = writers.begin(text);
    try {
      this.#scope.forget(text);
      const origin = this.#scope.origin();
      const marker = await far?.mark(text, far.budget());
      let loaded: Loaded | undefined;
      let parcel: Parcel | undefined;
      try {
        const result = await run();
        if (value !== undefined) loaded = keeper.keep(value(result), key, origin);
        return result;
      } finally {
        const entry = turn.alone ? loaded?.entry : undefined;
        if (entry !== undefined && far !== undefined) parcel = keeper.pack(text, entry, far);
        const trueAt = options.clock.elapsed();
        const { touches } = turn;
        const committed = marker === undefined ? 'filled' : await far!.commit(text, marker, parcel);
        this.#scope.forget(text);
        // 1: mine is committed · 2: another process writes · 3: word of both comes · 4: the reply to mine.
        const isLast = turn.alone && turn.touches === touches;
        if (committed === 'filled' && isLast && entry !== undefined) {
          this.#scope.keepNear(text, entry, loaded!, { trueAt, stored: parcel !== undefined });
        }
      }
    } finally {
      turn.end();
    }
  }

  /**
   * Notes a write somewhere else than in the source, by `put`. `kept` is put into memory alone, unless the key was
   * changed again before it was known to be noted.
   */
  async note(key: K, put: () => Promise<unknown>, value?: unknown, kept?: Kept): Promise<void> {
    const { keeper, options, writers } = this.#scope;
    const text = keyText(key);
    const turn = writers.begin(text);
    try {
      const origin = this.#scope.origin();
      const trueAt = options.clock.elapsed();
      try {
        await put();
      } finally {
        // It may have been noted, whatever was answered.
        this.#scope.forget(text);
      }
      if (kept === undefined || !turn.alone) return;
      const { entry } = keeper.entry(value, key, origin, () => kept);
      if (entry !== undefined) this.#scope.keepNear(text, entry, kept, { trueAt, stored: false });
    } finally {
      turn.end();
    }
  }

  /** Deletes the key in every tier. Loads and writes in progress do not bring it back. */
  async evict(key: K): Promise<Eviction> {
    const { far } = this.#scope.options.tiers;
    const text = keyText(key);
    this.overtake(text);
    if (far === undefined) return 'done';
    const eviction = await far.evict([text]);
    // What was read from the far tier before the deletion arrived there must not stay either.
    this.overtake(text);
    return eviction;
  }

  /** Ends the freshness of the key in every tier, now: what is left of it is `staleWhileRevalidate` and `grace`. */
  async expire(key: K): Promise<Eviction> {
    const { near, far } = this.#scope.options.tiers;
    const text = keyText(key);
    const replaced = far === undefined ? 'alone' : await far.replace(text, ({ entry }) => this.#expired(entry));
    if (replaced === 'alone') {
      const held = near.look(text);
      this.overtake(text);
      if (held !== undefined) this.#keepAs(this.#expired(held.entry), text, held.entry);
      return 'done';
    }
    // Somebody may be loading what was true before now: only a deletion is sure to stop that.
    if (replaced !== 'done') return this.evict(key);
    this.overtake(text);
    return 'done';
  }

  /** Makes what the tiers have of the key fresh for another TTL; false where there is nothing fresh, or nobody to ask. */
  async touch(key: K, policy: Policy): Promise<boolean> {
    const { near, far } = this.#scope.options.tiers;
    const text = keyText(key);
    const longer = ({ entry, kept }: Stale): Entry => this.#scope.keeper.prolonged(entry, kept, key, policy);
    const replaced =
      far === undefined
        ? 'alone'
        : await far.replace(text, (found) => (found.state === 'fresh' ? longer(found) : undefined));
    if (replaced === 'alone') {
      const held = near.look(text);
      if (held?.state !== 'fresh') return false;
      this.#keepAs(longer({ entry: held.entry, kept: held.entry }), text, held.entry);
      return true;
    }
    // The next read takes over how long it is fresh by now.
    near.delete(text);
    return replaced === 'done';
  }

  /** The same entry, no longer fresh: the times after the end of its freshness begin now. */
  #expired(entry: Entry): Entry {
    const early = Math.max(0, entry.freshUntil - this.#scope.options.clock.now());
    return {
      ...entry,
      freshUntil: entry.freshUntil - early,
      staleUntil: entry.staleUntil - early,
      graceUntil: entry.graceUntil - early,
    };
  }

  #keepAs(entry: Entry, text: string, kept: Kept): void {
    const { clock, policy, tiers } = this.#scope.options;
    // What memory has stays there while reads pass it by.
    const truth = { trueAt: clock.elapsed(), stored: false };
    this.#scope.keepNear(text, entry, kept, truth, policy, tiers.near);
  }

  /** The key is changed by somebody: writers at work are not alone any more, and loads in progress come too late. */
  overtake(text: string): void {
    this.#scope.writers.contend(text);
    this.#scope.forget(text);
  }

  /** The same where it may be a writer of this process: those at work are not taken to be overlapped by others. */
  touched(text: string): void {
    this.#scope.writers.touch(text);
    this.#scope.forget(text);
  }
}
