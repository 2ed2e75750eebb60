import type { Peers } from '../peers/install.ts';
import { hour, type PeerReader } from './reader.ts';

interface Keyv {
  serialize: unknown;
  deserialize: unknown;
}

interface Module {
  readonly createCache: (options: { ttl: number; stores: Keyv[] }) => {
    wrap(key: string, load: () => Promise<unknown>): Promise<unknown>;
  };
}

/** Its stores are of Keyv 5, which cacheable brings; without serialization, as its documentation has it for memory. */
async function plainKeyv(peers: Peers): Promise<Keyv> {
  const { Keyv } = await peers.load<{ Keyv: new () => Keyv }>('cacheable');
  return Object.assign(new Keyv(), { serialize: undefined, deserialize: undefined });
}

/** With the store that its documentation calls more robust, which copies values at each hit. */
async function cacheableMemory(peers: Peers): Promise<Keyv> {
  const { createKeyv } = await peers.load<{ createKeyv: () => Keyv }>('cacheable');
  return createKeyv();
}

function withStore(name: string, store: (peers: Peers) => Promise<Keyv>): PeerReader {
  return {
    peer: 'cache-manager',
    async open(load, peers) {
      const { createCache } = await peers.load<Module>('cache-manager');
      const cache = createCache({ ttl: hour, stores: [await store(peers)] });
      return {
        name,
        get: (key) => cache.wrap(key, () => load(key)),
        async read(keys) {
          for (const key of keys) await cache.wrap(key, () => load(key));
        },
      };
    },
  };
}

export const cacheManager = withStore('cache-manager', plainKeyv);
export const cacheManagerCopying = withStore('cache-manager on CacheableMemory', cacheableMemory);
