import * as core from '@cache/core';
import * as redis from '@cache/core/redis';
import * as testing from '@cache/core/testing';
import * as decorators from '@cache/decorators';
import * as middleware from '@cache/express';
import * as limits from '@cache/express/rate-limit';
import * as sessions from '@cache/express/session';
import * as uses from './uses.cjs';

await uses.keeps(core, testing);
await uses.sharesThroughRedis(core, redis);
await uses.cachesResponses(core.createCache(), middleware, middleware);
await uses.keepsVisitors(core.createCache(), sessions, limits);
await uses.cachesMethods(core.createCache(), decorators, decorators);
