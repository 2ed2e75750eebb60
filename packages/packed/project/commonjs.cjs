'use strict';
const core = require('@cache/core');
const redis = require('@cache/core/redis');
const testing = require('@cache/core/testing');
const decorators = require('@cache/decorators');
const middleware = require('@cache/express');
const limits = require('@cache/express/rate-limit');
const sessions = require('@cache/express/session');
const uses = require('./uses.cjs');

async function main() {
  await uses.keeps(core, testing);
  await uses.sharesThroughRedis(core, redis);
  await uses.cachesResponses(core.createCache(), middleware, middleware);
  await uses.keepsVisitors(core.createCache(), sessions, limits);
  await uses.cachesMethods(core.createCache(), decorators, decorators);
}

void main();
