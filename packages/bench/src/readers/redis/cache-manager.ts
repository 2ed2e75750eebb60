import { hour } from '../reader.ts';
import { keyvOver } from './keyv.ts';
import { remote, type RemotePeer } from './remote.ts';

interface Module {
  readonly createCache: (options: { ttl: number; stores: unknown[] }) => {
    wrap(key: string, load: () => Promise<unknown>): Promise<unknown>;
  };
}

export const cacheManager: RemotePeer = {
  client: 'node-redis',
  over: (site) => ({
    peer: 'cache-manager',
    async open(load, peers) {
      const { createCache } = await peers.load<Module>('cache-manager');
      const cache = createCache({ ttl: hour, stores: [await keyvOver(site, peers, 'cache-manager')] });
      return remote('cache-manager', (key) => cache.wrap(key, () => load(key)));
    },
  }),
};
