export { type RateLimit, rateLimits, type RateLimitsOptions } from './rate-limit/rate-limits.ts';
export { type RateLimitStore, rateLimitStore, type RateLimitStoreOptions } from './rate-limit/rate-limit-store.ts';
