import { randomUUID } from 'node:crypto';
import { oneAtATime } from './one-at-a-time.ts';
import type { Queries } from './queries.ts';
import type { Resources } from './resources.ts';

export type PageCounter = ReturnType<typeof pageCounter>;

/**
 * Counts views of pages. Write-behind keeps the newest value of a key, not its increments, so a counter has one writer:
 * each process counts in rows of its own, one view of a page after the other, and the sum of all rows is the total.
 */
export function pageCounter(db: Queries, { cache, views }: Resources) {
  const counter = randomUUID();
  const inTurn = oneAtATime();
  return {
    /** Resolves once the view is noted; Postgres gets it with the next batch. */
    async count(page: string): Promise<void> {
      const key = `${page}@${counter}`;
      await inTurn(page, async () => views.set(key, (await views.get(key)) + 1));
    },

    /** All views of this process at once, and those of others as of two seconds ago at most, once they are written. */
    async total(page: string): Promise<number> {
      const key = `${page}@${counter}`;
      const others = cache.getOrSet(`other views:${key}`, () => db.otherPageViews(page, counter), { ttl: '2s' });
      const [ours, theirs] = await Promise.all([views.get(key), others]);
      return ours + theirs;
    },
  };
}
