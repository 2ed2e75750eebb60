import type { CounterSpace, Quota, Usage, Verdict } from '../model/counters.ts';
import { CacheError } from '../model/errors.ts';
import type { Events } from '../model/events.ts';
import { textAddress } from '../model/text-address.ts';
import type { Ask } from './records.ts';

/**
 * What becomes of hits while the shared tier does not answer: they are allowed (`open`), refused by an error (`closed`),
 * or counted in each process alone (`local`), so that as many processes allow as many times the limit.
 */
export type OutagePolicy = 'open' | 'closed' | 'local';

export interface CountersSettings {
  readonly name: string;
  readonly ask: Ask<CounterSpace>;
  readonly onOutage: OutagePolicy;
  /** Counts in this process alone. */
  readonly local: CounterSpace;
  readonly events: Events;
}

/**
 * Hits that are counted in the shared tier, for all processes, or without one in this process. Each call is one round
 * trip and one atomic step, within the store's deadline; time is the store's own.
 */
export class Counters {
  readonly #settings: CountersSettings;

  /** @internal Use `cache.counters(name)`. */
  constructor(settings: CountersSettings) {
    this.#settings = settings;
  }

  /**
   * Counts one hit on each of the quotas if all of them have room for it, and else on none but those with
   * `countRefused`. A group is any text; what is counted together has to be in one group, which a cluster keeps in one
   * slot.
   *
   * Rejects with a `CacheError`: `INVALID_OPTION` for a quota that is none; what the store failed with, if the policy
   * is `closed`.
   */
  async hit(group: string, quotas: readonly Quota[]): Promise<Verdict> {
    const [at, checked] = [textAddress(group), quotas.map(checkedQuota)];
    const { ask, onOutage, local, name, events } = this.#settings;
    if (checked.length === 0) return { allowed: true, usages: [] };
    try {
      return await ask((space) => space.hit(at, checked));
    } catch (error) {
      if (isClosed(error)) throw error;
      events.emit('uncounted', { counters: name, policy: onOutage, error });
      if (onOutage === 'closed') throw error;
      if (onOutage === 'local') return local.hit(at, checked);
      return { allowed: true, usages: checked.map(({ window }) => ({ hits: 1, resetIn: window })) };
    }
  }

  /** Where a quota stands, without counting; rejects where that cannot be known. */
  async look(group: string, quota: Quota): Promise<Usage> {
    const [at, checked] = [textAddress(group), checkedQuota(quota)];
    const { ask, onOutage, local } = this.#settings;
    try {
      return await ask((space) => space.look(at, checked));
    } catch (error) {
      if (onOutage !== 'local' || isClosed(error)) throw error;
      return local.look(at, checked);
    }
  }

  /** Takes the latest hit back, if there is any. While the store does not answer it is left to count. */
  async giveBack(group: string, quota: Quota): Promise<void> {
    const [at, checked] = [textAddress(group), checkedQuota(quota)];
    const { ask, onOutage, local } = this.#settings;
    try {
      await ask((space) => space.giveBack(at, checked));
    } catch {
      // The store's failure was told of. A hit of an outage that is over by now is forgotten with its window.
      if (onOutage === 'local') await local.giveBack(at, checked);
    }
  }

  /** Forgets all hits on a quota; rejects where that could not be done. */
  async reset(group: string, quota: Quota): Promise<void> {
    const [at, checked] = [textAddress(group), checkedQuota(quota)];
    await this.#settings.local.reset(at, checked);
    await this.#settings.ask((space) => space.reset(at, checked));
  }

  /** Forgets all hits of this name. It looks at every key of the store, some at a time: not for each request. */
  async clear(): Promise<void> {
    const { ask, local } = this.#settings;
    await toTheEnd(local.clear(), (next) => next());
    await toTheEnd(await ask(async (space) => space.clear()), (next) => ask(next));
  }
}

/** Takes every page, each by a call of its own. */
async function toTheEnd<T>(
  pages: AsyncGenerator<T, void>,
  take: (next: () => Promise<IteratorResult<T, void>>) => Promise<IteratorResult<T, void>>,
): Promise<void> {
  for (;;) if ((await take(() => pages.next())).done === true) return;
}

function isClosed(error: unknown): boolean {
  return error instanceof CacheError && error.code === 'CLOSED';
}

const longestWindow = 10 * 365 * 86_400_000;

function checkedQuota(quota: Quota): Quota {
  const { window, limit } = quota;
  if (!Number.isInteger(window) || window < 1 || window > longestWindow) {
    throw new CacheError(
      'INVALID_OPTION',
      `a window is a whole number of milliseconds from 1 to ten years, not ${window}`,
    );
  }
  if (limit !== Infinity && !(Number.isInteger(limit) && limit >= 0)) {
    throw new CacheError(
      'INVALID_OPTION',
      `a limit is a whole number of hits from 0 on, or Infinity, not ${String(limit)}`,
    );
  }
  return { ...quota, key: textAddress(quota.key) };
}
