import { invalid } from '../model/options.ts';
import type { WriteBehindResource } from './write-behind-resource.ts';

/**
 * Makes this process one of those that bring to the source what write-behind resources hold, for resources that say
 * `flush: { inProcess: false }`. It stays alive until the cache is closed, which waits for the batch under way. Start as
 * many processes as you like, over a ledger that they share.
 *
 * @throws CacheError `INVALID_OPTION`.
 */
export function startFlusher(resources: readonly Flushing[]): void {
  const given: unknown = resources;
  const isFlushing = (each: unknown): boolean => typeof (each as Flushing | undefined)?.startFlushing === 'function';
  if (!Array.isArray(given) || given.length === 0 || !given.every(isFlushing)) {
    throw invalid('startFlusher', 'takes write-behind resources, such as startFlusher([views])');
  }
  for (const resource of resources) resource.startFlushing();
}

type Flushing = Pick<WriteBehindResource<never, never>, 'startFlushing'>;
