import type { Clock } from '../model/clock.ts';
import { CacheError } from '../model/errors.ts';
import { loadOne } from './batched-load.ts';
import { LoadNotes } from './load-notes.ts';
import type { Source } from './source.ts';

export interface LoadAnewOptions {
  readonly resource: string;
  readonly clock: Clock;
  /** Milliseconds. */
  readonly timeout: number;
}

/** What the source has of the key now, past all tiers, and kept nowhere. Rejects with what the loader throws, or `LOAD_TIMEOUT`. */
export async function loadAnew<K>(
  source: Source<K>,
  key: K,
  { resource, clock, timeout }: LoadAnewOptions,
): Promise<unknown> {
  const notes = new LoadNotes<K>(key);
  const loading = loadOne(source, notes);
  if (timeout === Infinity) return loading;
  return new Promise((resolve, reject) => {
    const timer = clock.setTimer(timeout, () => {
      const sentence = `resource '${resource}': the source did not answer within ${timeout} ms, which is timeout.hard`;
      const error = new CacheError('LOAD_TIMEOUT', sentence, { resource, key: String(key) });
      notes.abort(error);
      reject(error);
    });
    loading.then(resolve, reject).finally(() => timer.cancel());
  });
}
