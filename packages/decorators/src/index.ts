export { cacheOf, type MethodCache } from './cache-of.ts';
export { CacheResource, type CacheResourceOptions } from './cache-resource.ts';
export { Cached, type CachedOptions } from './cached.ts';
export { setDefaultCache } from './default-cache.ts';
export { Evicts, type EvictionTiming, type EvictsOptions } from './evicts.ts';
export { Updates, type UpdatesOptions } from './updates.ts';
export type { Methods } from './methods.ts';
