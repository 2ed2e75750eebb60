export { cacheResponse } from './cache-response.ts';
export { evicts, type EvictsOptions } from './evicts.ts';
export { front, type FrontOptions } from './front.ts';
export { hopByHop } from './http/hop-by-hop.ts';
export type { Middleware, PathParams } from './middleware.ts';
export type { CacheResponseOptions } from './options.ts';
export { purgeRouter, type PurgeRouterOptions } from './purge-router.ts';
export type { Tags } from './tags.ts';
export { type WarmedUrl, type WarmOptions, type WarmProgress, warmResponses } from './warm-responses.ts';
