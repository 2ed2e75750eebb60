import { hour, type PeerReader } from './reader.ts';

interface Module {
  readonly Keyv: new (options: { ttl: number; serialization: false }) => {
    get(key: string): Promise<unknown>;
    set(key: string, value: unknown): Promise<unknown>;
  };
}

/** It has no way to get or load, so it is in the function that everyone writes around it; values as they are. */
export const keyv: PeerReader = {
  peer: 'keyv',
  async open(load, peers) {
    const { Keyv } = await peers.load<Module>('keyv');
    const cache = new Keyv({ ttl: hour, serialization: false });

    async function getOrLoad(key: string): Promise<unknown> {
      const cached = await cache.get(key);
      if (cached !== undefined) return cached;
      const value = await load(key);
      await cache.set(key, value);
      return value;
    }

    return {
      name: 'keyv, wrapped',
      get: getOrLoad,
      async read(keys) {
        for (const key of keys) await getOrLoad(key);
      },
    };
  },
};
