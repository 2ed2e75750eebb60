import { hour } from '../reader.ts';
import { remote, type RemoteReaderKind } from './remote.ts';

interface Store {
  useL2Layer(driver: unknown): Store;
}

interface Module {
  readonly BentoCache: new (options: { default: string; ttl: number; stores: Record<string, Store> }) => {
    getOrSet(options: { key: string; factory: () => Promise<unknown> }): Promise<unknown>;
    disconnectAll(): Promise<void>;
  };
  readonly bentostore: () => Store;
}

interface Drivers {
  readonly redisDriver: (options: { connection: { host: string; port: number } }) => unknown;
}

export const bentocache: RemoteReaderKind = {
  client: 'ioredis',
  peer: 'bentocache',
  over: (site) => async (load, peers) => {
    const { BentoCache, bentostore } = await peers.load<Module>('bentocache');
    const { redisDriver } = await peers.load<Drivers>('bentocache', '/drivers/redis');
    const { hostname, port } = new URL(site.url);
    const redis = bentostore().useL2Layer(redisDriver({ connection: { host: hostname, port: Number(port) } }));
    const cache = new BentoCache({ default: 'redis', ttl: hour, stores: { redis } });
    site.atEnd(() => cache.disconnectAll());
    return remote('bentocache', (key) => cache.getOrSet({ key, factory: () => load(key) }));
  },
};
