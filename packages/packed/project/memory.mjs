// Who needs memory alone has installed nothing else.
import assert from 'node:assert/strict';
import { createCache } from '@cache/core';
import { redisStore } from '@cache/core/redis';
import * as decorators from '@cache/decorators';
import uses from './uses.cjs';

const cache = createCache();
assert.equal(await cache.getOrSet('answer', () => 42), 42);
assert.equal(await cache.getOrSet('answer', () => 43), 42);
// Instances of plain classes need no class-transformer.
await uses.cachesMethods(cache, decorators, decorators);
await cache.close();

const shared = createCache({ tiers: [redisStore({ url: 'redis://localhost:6379' })] });
await assert.rejects(shared.ready(), { code: 'MISSING_PACKAGE', message: /install redis@6/ });
assert.equal(await shared.getOrSet('answer', () => 42), 42);
await shared.close();
