import { CacheError } from '../../../model/errors.ts';
import { ioredis, type IoredisClientLike, ioredisCluster, type IoredisClusterLike } from './ioredis.ts';
import { madeBy, nodeRedis, type NodeRedisClientLike } from './node-redis.ts';
import { nodeRedisCluster, type NodeRedisClusterLike } from './node-redis-cluster.ts';
import { nodeRedisSentinel, type NodeRedisSentinelLike } from './node-redis-sentinel.ts';
import type { ClientKind } from './own-client.ts';

/**
 * A client, cluster or sentinel of node-redis 6, or a `Redis` or `Cluster` of ioredis. It is told by the methods that
 * it has: another copy of the package, or a fork, fits as well.
 */
export type RedisClientLike =
  NodeRedisClientLike | NodeRedisClusterLike | NodeRedisSentinelLike | IoredisClientLike | IoredisClusterLike;

/** Connections like that of the client. */
export function kindOfClient(client: RedisClientLike): ClientKind {
  if ('callBuffer' in client) return isCluster(client) ? ioredisCluster(client) : ioredis(client);
  if ('nodeClient' in client) return nodeRedisCluster(client);
  if ('getSentinelNode' in client) return nodeRedisSentinel(client);
  return nodeRedis(client);
}

function isCluster(client: IoredisClientLike | IoredisClusterLike): client is IoredisClusterLike {
  return client.isCluster;
}

let warned = false;

/** Connections to a single server, by node-redis. */
export function kindOfUrl(url: string): ClientKind {
  return madeBy(async (ours) => {
    // Loaded here and not above, so that who brings a client of another package need not install this one.
    const { createClient } = await import('redis').catch((cause: unknown) => {
      const sentence = "redisStore({ url }) needs the package 'redis'; install redis@6";
      // Reads go on without: a cache that quietly never shares is hard to see.
      if (!warned) process.emitWarning(sentence, 'CacheWarning');
      warned = true;
      throw new CacheError('MISSING_PACKAGE', sentence, { cause });
    });
    return createClient({ ...ours, url });
  });
}
