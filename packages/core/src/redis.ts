export type { RedisAddress } from './stores/redis/address.ts';
export type { RedisClientLike } from './stores/redis/clients/client-kind.ts';
export type { IoredisClientLike, IoredisClusterLike, IoredisLike } from './stores/redis/clients/ioredis.ts';
export type { NodeRedisClientLike } from './stores/redis/clients/node-redis.ts';
export type { NodeRedisClusterLike } from './stores/redis/clients/node-redis-cluster.ts';
export type { NodeRedisSentinelLike } from './stores/redis/clients/node-redis-sentinel.ts';
export { redisBus } from './stores/redis/redis-bus.ts';
export { redisLedger, type RedisLedgerOptions } from './stores/redis/ledger/redis-ledger.ts';
export { redisStore, type RedisStoreOptions } from './stores/redis/redis-store.ts';
