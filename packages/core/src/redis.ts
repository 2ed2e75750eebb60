export type { RedisAddress, RedisClientLike } from './stores/redis/connection.ts';
export { redisStore, type RedisStoreOptions } from './stores/redis/redis-store.ts';
