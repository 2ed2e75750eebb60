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

interface DriverOptions {
  readonly maxItems: number;
  readonly serialize?: false;
}

interface Drivers {
  readonly memoryDriver: (options: DriverOptions) => unknown;
}

function named(name: string, options: Omit<DriverOptions, 'maxItems'>): PeerReader {
  return {
    peer: 'bentocache',
    async open(load, peers) {
      const { BentoCache, bentostore } = await peers.load<Module>('bentocache');
      const { memoryDriver } = await peers.load<Drivers>('bentocache', '/drivers/memory');
      const memory = bentostore().useL1Layer(memoryDriver({ maxItems: room, ...options }));
      const cache = new BentoCache({ default: 'memory', ttl: hour, stores: { memory } });
      return {
        name,
        get: (key) => cache.getOrSet({ key, factory: () => load(key) }),
        async read(keys) {
          for (const key of keys) await cache.getOrSet({ key, factory: () => load(key) });
        },
      };
    },
  };
}

/** As it comes: it keeps JSON, and parses it at each hit. */
export const bentocache = named('bentocache', {});

/** Without serialization, which its documentation has for speed: everyone gets the same object, that anyone can change. */
export const bentocacheUnserialized = named('bentocache, serialize: false', { serialize: false });
