import { hour, type PeerReader } from './reader.ts';

interface Module {
  readonly Cacheable: new (options: { ttl: number }) => {
    getOrSet(key: string, load: () => Promise<unknown>, options: { ttl: number }): Promise<unknown>;
  };
}

/** It copies a value at each hit: its store can be told not to, but then the layer above it copies all the same. */
export const cacheable: PeerReader = {
  peer: 'cacheable',
  async open(load, peers) {
    const { Cacheable } = await peers.load<Module>('cacheable');
    const cache = new Cacheable({ ttl: hour });
    const options = { ttl: hour };
    return {
      name: 'cacheable',
      get: (key) => cache.getOrSet(key, () => load(key), options),
      async read(keys) {
        for (const key of keys) await cache.getOrSet(key, () => load(key), options);
      },
    };
  },
};
