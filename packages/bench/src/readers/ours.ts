import { cacheAside, type CacheOptions, createCache, memoryStore, type ResourceOptions } from '@cache/core';
import { checkFound, hour, type Load, type OpenReader, type Reader, room } from './reader.ts';

const memoryAlone = { tiers: [memoryStore({ maxEntries: room })] };

/** A resource with options of its own, in a cache of its own. */
export function resource(name: string, options: ResourceOptions<string, unknown> = {}, cache: CacheOptions = {}) {
  return (load: Load): Reader => {
    const own = createCache({ ...memoryAlone, ...cache });
    const values = own.resource('value', cacheAside<string, unknown>({ load, ttl: hour, ...options }));
    return {
      name,
      get: (key) => values.get(key),
      async read(keys) {
        for (const key of keys) await values.get(key);
      },
    };
  };
}

export const getOrSet: OpenReader = (load) => {
  const cache = createCache(memoryAlone);
  const options = { ttl: hour };
  return {
    name: 'cache.getOrSet',
    get: (key) => cache.getOrSet(key, () => load(key), options),
    async read(keys) {
      for (const key of keys) await cache.getOrSet(key, () => load(key), options);
    },
  };
};

export const peekLocal: OpenReader = (load) => {
  const cache = createCache(memoryAlone);
  const values = cache.resource('value', cacheAside<string, unknown>({ load, ttl: hour }));
  return {
    name: 'resource.peekLocal',
    get: (key) => values.peekLocal(key),
    async fill(keys) {
      for (const key of keys) await values.get(key);
    },
    read(keys) {
      let found = 0;
      for (const key of keys) if (values.peekLocal(key) !== undefined) found += 1;
      checkFound(found, keys);
    },
  };
};
