// Who needs memory alone has installed nothing else.
'use strict';
const assert = require('node:assert/strict');
const { createCache } = require('@cache/core');
const { redisStore } = require('@cache/core/redis');

async function main() {
  const cache = createCache();
  assert.equal(await cache.getOrSet('answer', () => 42), 42);
  assert.equal(await cache.getOrSet('answer', () => 43), 42);
  await cache.close();

  const shared = createCache({ tiers: [redisStore({ url: 'redis://localhost:6379' })] });
  await assert.rejects(shared.ready(), { code: 'MISSING_PACKAGE', message: /install redis@6/ });
  assert.equal(await shared.getOrSet('answer', () => 42), 42);
  await shared.close();
}

void main();
