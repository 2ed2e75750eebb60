'use strict';
const core = require('@cache/core');
const redis = require('@cache/core/redis');
const testing = require('@cache/core/testing');
const decorators = require('@cache/decorators');
const middleware = require('@cache/express');
const limits = require('@cache/express/rate-limit');
const sessions = require('@cache/express/session');
const uses = require('./uses.cjs');

test('the core', () => expect(uses.keeps(core, testing)).resolves.toBeUndefined());
test('Redis', () => expect(uses.sharesThroughRedis(core, redis)).resolves.toBeUndefined());
test('the middleware', () =>
  expect(uses.cachesResponses(core.createCache(), middleware, middleware)).resolves.toBeUndefined());
test('sessions and limits', () =>
  expect(uses.keepsVisitors(core.createCache(), sessions, limits)).resolves.toBeUndefined());
test('the decorators', () =>
  expect(uses.cachesMethods(core.createCache(), decorators, decorators)).resolves.toBeUndefined());
