import { cacheAside, type CacheOptions, createCache } from '@cache/core';
import { type RedisAddress, redisStore } from '@cache/core/redis';
import { Redis } from 'ioredis';
import { hour } from '../reader.ts';
import { type OpenRemote, remote } from './remote.ts';
import type { Site } from './site.ts';

/** What a machine that is busy with something else keeps us waiting is not to count as an outage. */
export const deadline = '10s';

/** A resource whose only tier is Redis. */
function sharedResource(name: string, address: (site: Pick<Site, 'url'>) => RedisAddress): OpenRemote {
  return (site) => async (load) => {
    const cache = closing(site, name, { tiers: [redisStore({ ...address(site), deadline })] });
    const values = cache.resource('value', cacheAside<string, unknown>({ load, ttl: hour }));
    await cache.ready();
    return remote(name, (key) => values.get(key));
  };
}

/** By the client that a URL brings. */
export const onNodeRedis = sharedResource('resource.get', ({ url }) => ({ url }));

export const onIoredis = sharedResource('resource.get on ioredis', ({ url }) => ({
  client: new Redis(url, { lazyConnect: true }),
}));

/** A cache that is closed with the site, in a namespace of its own. */
export function closing(site: Pick<Site, 'atEnd'>, name: string, options: CacheOptions) {
  const cache = createCache({ ...options, namespace: name.replaceAll(/[^a-z]+/g, '-') });
  site.atEnd(() => cache.close());
  return cache;
}
