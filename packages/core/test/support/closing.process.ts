import { setTimeout as delay } from 'node:timers/promises';
import { createCache } from '@cache/core';
import { redisStore } from '@cache/core/redis';
import { Cluster, Redis } from 'ioredis';
import { createClient, createCluster, createSentinel } from 'redis';

/** Which client the process brings, and the addresses of all that it is to know. */
export interface Brought {
  readonly library: 'node-redis' | 'ioredis';
  readonly kind: 'single' | 'sentinel' | 'cluster';
  readonly name: string;
  readonly addresses: { host: string; port: number }[];
}

function client({ library, kind, name, addresses }: Brought) {
  const [first] = addresses;
  if (library === 'node-redis') {
    if (kind === 'single') return createClient({ socket: first! });
    if (kind === 'sentinel') return createSentinel({ name, sentinelRootNodes: addresses });
    return createCluster({ rootNodes: addresses.map((socket) => ({ socket })) });
  }
  if (kind === 'cluster') return new Cluster(addresses, { lazyConnect: true });
  return new Redis({ ...(kind === 'single' ? first! : { sentinels: addresses, name }), lazyConnect: true });
}

/** Uses a cache per client, says so, goes on using them, and closes them when it is told to. Nothing else ends it. */
async function main(brought: readonly Brought[]): Promise<void> {
  const caches = brought.map((each) => createCache({ tiers: [redisStore({ client: client(each) })] }));
  await Promise.all(caches.map((cache) => cache.ready({ timeout: '20s' })));
  let closing = false;
  process.once('message', () => {
    closing = true;
    process.disconnect();
  });
  process.send?.('ready');
  for (let i = 0; !closing; i += 1) {
    await Promise.all(caches.map((cache) => cache.getOrSet(`key ${i % 100}`, () => i)));
    await delay(5);
  }
  await Promise.all(caches.map((cache) => cache.close()));
}

void main(JSON.parse(process.argv.at(-1)!) as Brought[]);
