import type { RedisClientLike } from '@cache/core/redis';
import type { RedisCluster, RedisSentinel, RedisServer } from '@cache/servers';
import { Cluster, Redis } from 'ioredis';
import { createClient, createCluster, createSentinel } from 'redis';

export const libraries = ['node-redis', 'ioredis'] as const;

/** As whom the client logs in. */
interface User {
  readonly username: string;
  readonly password: string;
}

/** What users bring: a client per library, which is never connected. */
type Clients<Servers> = Record<(typeof libraries)[number], (servers: Servers, user?: User) => RedisClientLike>;

const addresses = (servers: readonly RedisServer[]): { host: string; port: number }[] =>
  servers.map(({ host, port }) => ({ host, port }));

export const single: Clients<RedisServer> = {
  'node-redis': ({ url }, user) => createClient({ url, ...user }),
  ioredis: ({ url }, user) => new Redis(url, { ...user, lazyConnect: true }),
};

export const sentinel: Clients<RedisSentinel> = {
  'node-redis': ({ name, sentinels }, user) =>
    createSentinel({ name, sentinelRootNodes: addresses(sentinels), nodeClientOptions: { ...user } }),
  ioredis: ({ name, sentinels }, user) =>
    new Redis({ name, sentinels: addresses(sentinels), ...user, lazyConnect: true }),
};

export const cluster: Clients<RedisCluster> = {
  'node-redis': ({ urls }, user) => createCluster({ rootNodes: urls.map((url) => ({ url })), defaults: { ...user } }),
  ioredis: ({ nodes }, user) => new Cluster(addresses(nodes), { redisOptions: { ...user }, lazyConnect: true }),
};
