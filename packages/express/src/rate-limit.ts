export { type RateLimit, rateLimits, type RateLimitsOptions } from './rate-limit/rate-limits.ts';
export { rateLimitStore, type RateLimitStoreOptions } from './rate-limit/rate-limit-store.ts';
