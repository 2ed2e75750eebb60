// Who needs memory alone has installed nothing else.
import assert from 'node:assert/strict';
import { createCache } from '@cache/core';
import { redisStore } from '@cache/core/redis';

const cache = createCache();
assert.equal(await cache.getOrSet('answer', () => 42), 42);
assert.equal(await cache.getOrSet('answer', () => 43), 42);
await cache.close();

const shared = createCache({ tiers: [redisStore({ url: 'redis://localhost:6379' })] });
await assert.rejects(shared.ready(), { code: 'MISSING_PACKAGE', message: /install redis@6/ });
assert.equal(await shared.getOrSet('answer', () => 42), 42);
await shared.close();
