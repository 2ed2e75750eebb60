import { hour } from '../reader.ts';
import { keyvOver } from './keyv.ts';
import { remote, type RemoteReaderKind } from './remote.ts';

interface Module {
  readonly createCache: (options: { ttl: number; stores: unknown[] }) => {
    wrap(key: string, load: () => Promise<unknown>): Promise<unknown>;
  };
}

export const cacheManager: RemoteReaderKind = {
  client: 'node-redis',
  peer: 'cache-manager',
  over: (site) => async (load, peers) => {
    const { createCache } = await peers.load<Module>('cache-manager');
    const cache = createCache({ ttl: hour, stores: [await keyvOver(site, peers, 'cache-manager')] });
    return remote('cache-manager', (key) => cache.wrap(key, () => load(key)));
  },
};
