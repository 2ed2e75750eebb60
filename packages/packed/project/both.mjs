// One process has both: an application of ES modules, and a dependency of it that requires the packages.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import * as core from '@cache/core';
import * as redis from '@cache/core/redis';
import * as decorators from '@cache/decorators';
import * as middleware from '@cache/express';
import * as limits from '@cache/express/rate-limit';
import * as sessions from '@cache/express/session';
import * as uses from './uses.cjs';

const require = createRequire(import.meta.url);
const required = {
  core: require('@cache/core'),
  redis: require('@cache/core/redis'),
  decorators: require('@cache/decorators'),
  middleware: require('@cache/express'),
  limits: require('@cache/express/rate-limit'),
  sessions: require('@cache/express/session'),
};

// Node that can require ES modules has one instance of everything. Older Node has two, which work together.
const one = process.features.require_module ?? false;
assert.equal(required.core.CacheError === core.CacheError, one);
assert.equal(required.decorators.Cached === decorators.Cached, one);
console.log(one ? 'one instance' : 'two instances');

await uses.sharesThroughRedis(core, required.redis);
await uses.sharesThroughRedis(required.core, redis);
for (const { createCache } of [core, required.core]) {
  const cache = createCache();
  await uses.cachesResponses(cache, middleware, required.middleware);
  await uses.cachesResponses(cache, required.middleware, middleware);
  await uses.keepsVisitors(createCache(), sessions, required.limits);
  await uses.keepsVisitors(createCache(), required.sessions, limits);
  await uses.cachesMethods(createCache(), decorators, required.decorators);
  await uses.cachesMethods(createCache(), required.decorators, decorators);
}
