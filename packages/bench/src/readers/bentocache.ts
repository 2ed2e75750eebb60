import { hour, type PeerReader, room } from './reader.ts';

interface Store {
  useL1Layer(driver: unknown): Store;
}

interface Module {
  readonly BentoCache: new (options: { default: string; ttl: number; stores: Record<string, Store> }) => {
    getOrSet(options: { key: string; factory: () => Promise<unknown> }): Promise<unknown>;
  };
  readonly bentostore: () => Store;
}

interface Drivers {
  readonly memoryDriver: (options: { maxItems: number; serialize: boolean }) => unknown;
}

/** Without serialization, which its documentation has for speed. */
export const bentocache: PeerReader = {
  peer: 'bentocache',
  async open(load, peers) {
    const { BentoCache, bentostore } = await peers.load<Module>('bentocache');
    const { memoryDriver } = await peers.load<Drivers>('bentocache', '/drivers/memory');
    const memory = bentostore().useL1Layer(memoryDriver({ maxItems: room, serialize: false }));
    const cache = new BentoCache({ default: 'memory', ttl: hour, stores: { memory } });
    return {
      name: 'bentocache',
      get: (key) => cache.getOrSet({ key, factory: () => load(key) }),
      async read(keys) {
        for (const key of keys) await cache.getOrSet({ key, factory: () => load(key) });
      },
    };
  },
};
