import type { Peers } from '../../peers/install.ts';
import { hour } from '../reader.ts';
import { remote, type RemoteReaderKind } from './remote.ts';
import type { Site } from './site.ts';

interface Keyv {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown, ttl: number): Promise<unknown>;
  disconnect(): Promise<void>;
}

/** A Keyv over Redis, as the documentation of its adapter makes it. */
export async function keyvOver(site: Pick<Site, 'url' | 'atEnd'>, peers: Peers, namespace: string): Promise<Keyv> {
  const { createKeyv } = await peers.load<{
    createKeyv: (url: string, options: { namespace: string }) => Keyv;
  }>('@keyv/redis');
  const keyv = createKeyv(site.url, { namespace });
  site.atEnd(() => keyv.disconnect());
  return keyv;
}

/** It has no way to get or load, so it is in the function that everyone writes around it. */
export const keyv: RemoteReaderKind = {
  client: 'node-redis',
  peer: '@keyv/redis',
  over: (site) => async (load, peers) => {
    const cache = await keyvOver(site, peers, 'keyv');
    return remote('keyv, wrapped', async (key) => {
      const cached = await cache.get(key);
      if (cached !== undefined) return cached;
      const value = await load(key);
      await cache.set(key, value, hour);
      return value;
    });
  },
};
