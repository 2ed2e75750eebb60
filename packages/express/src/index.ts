export { cacheResponse } from './cache-response.ts';
export { evicts, type EvictsOptions } from './evicts.ts';
export { hopByHop } from './http/hop-by-hop.ts';
export type { Middleware, PathParams } from './middleware.ts';
export type { CacheResponseOptions } from './options.ts';
export type { Tags } from './tags.ts';
