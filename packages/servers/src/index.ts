export { startPostgres, type PostgresOptions } from './postgres.ts';
export { startRedis, type RedisOptions, type RedisServer } from './redis.ts';
export type { Server } from './server.ts';
export { ServerNotFound } from './server-not-found.ts';
