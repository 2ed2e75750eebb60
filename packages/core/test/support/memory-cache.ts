import { type Cache, type CacheEvents, type CacheOptions, createCache, type EventName } from '@cache/core';
import type { ManualClock } from '@cache/core/testing';

/** A cache on a manual clock, without jitter. */
export function cacheOn(clock: ManualClock, options: CacheOptions = {}): Cache {
  return createCache({ clock, defaults: { jitter: 0 }, ...options });
}

/** What a cache tells by one event, from now on. */
export function heard<N extends EventName>(cache: Cache, name: N): CacheEvents[N][] {
  const events: CacheEvents[N][] = [];
  cache.on(name, (event) => events.push(event));
  return events;
}
