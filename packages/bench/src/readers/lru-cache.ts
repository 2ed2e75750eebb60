import { checkFound, hour, type PeerReader, room } from './reader.ts';

interface Module {
  readonly LRUCache: new (options: { max: number; ttl: number }) => {
    get(key: string): unknown;
    set(key: string, value: unknown): unknown;
  };
}

/** In the function that everyone writes around it. Its own `fetch` does the same with more options, and takes longer. */
export const lruCache: PeerReader = {
  peer: 'lru-cache',
  async open(load, peers) {
    const { LRUCache } = await peers.load<Module>('lru-cache');
    const cache = new LRUCache({ max: room, ttl: hour });
    const flights = new Map<string, Promise<unknown>>();

    async function getOrLoad(key: string): Promise<unknown> {
      return cache.get(key) ?? flights.get(key) ?? fly(key);
    }

    async function fly(key: string): Promise<unknown> {
      const flight = load(key);
      flights.set(key, flight);
      try {
        const value = await flight;
        cache.set(key, value);
        return value;
      } finally {
        flights.delete(key);
      }
    }

    return {
      name: 'lru-cache, wrapped',
      get: getOrLoad,
      async read(keys) {
        for (const key of keys) await getOrLoad(key);
      },
    };
  },
};

/** Its bare `get`, after the first time. */
export const lruCacheBare: PeerReader = {
  peer: 'lru-cache',
  async open(load, peers) {
    const { LRUCache } = await peers.load<Module>('lru-cache');
    const cache = new LRUCache({ max: room, ttl: hour });
    return {
      name: 'lru-cache.get',
      get: (key) => cache.get(key),
      async fill(keys) {
        for (const key of keys) cache.set(key, await load(key));
      },
      read(keys) {
        let found = 0;
        for (const key of keys) if (cache.get(key) !== undefined) found += 1;
        checkFound(found, keys);
      },
    };
  },
};
