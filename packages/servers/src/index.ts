export { startMemcached, type MemcachedOptions } from './memcached.ts';
export { findMemcached, findPostgres, findRedis, type Origin } from './origin.ts';
export { startPostgres, type PostgresOptions } from './postgres.ts';
export { startProxy, type TcpProxy, type ProxyOptions } from './proxy.ts';
export { startRedis, type RedisOptions, type RedisServer } from './redis.ts';
export { startRedisCluster, type RedisCluster, type RedisClusterOptions } from './redis-cluster.ts';
export { startRedisSentinel, type RedisSentinel, type RedisSentinelOptions } from './redis-sentinel.ts';
export type { Server } from './server.ts';
export { ServerNotFound } from './server-not-found.ts';
