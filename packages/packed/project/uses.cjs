// What users do with the packages, however these were loaded.
'use strict';
const assert = require('node:assert/strict');
const events = require('node:events');

exports.keeps = async ({ createCache }, { ManualClock }) => {
  const clock = new ManualClock();
  const cache = createCache({ clock });
  const read = () => cache.getOrSet('now', () => clock.now(), { ttl: '1m' });
  const first = await read();
  await clock.advance(30_000);
  assert.equal(await read(), first);
  await clock.advance(60_000);
  assert.notEqual(await read(), first);
};

exports.sharesThroughRedis = async ({ createCache }, { redisStore }) => {
  const open = () => createCache({ namespace: 'packed', tiers: [redisStore({ url: process.env.REDIS_URL })] });
  const [one, other] = [open(), open()];
  await Promise.all([one.ready(), other.ready()]);
  const value = await one.getOrSet('by', () => 'one');
  assert.equal(await other.getOrSet('by', () => 'other'), value);
  await Promise.all([one.close(), other.close()]);
};

exports.cachesResponses = async (cache, { cacheResponse }, { evicts }) => {
  let runs = 0;
  const app = require('express')();
  app.get('/', cacheResponse({ cache, ttl: '1m', tags: ['page'] }), (_req, res) => void res.json((runs += 1)));
  app.post('/', evicts({ cache, tags: ['page'] }), (_req, res) => void res.sendStatus(204));
  const server = app.listen(0, '127.0.0.1');
  await events.once(server, 'listening');
  const ask = async (method = 'GET') => (await fetch(`http://127.0.0.1:${server.address().port}`, { method })).text();
  assert.deepEqual([await ask(), await ask()], ['1', '1']);
  await ask('POST');
  assert.equal(await ask(), '2');
  server.closeAllConnections();
  server.close();
};

exports.keepsVisitors = async (cache, { sessionStore }, { rateLimits, rateLimitStore }) => {
  const app = require('express')();
  const limit = { windowMs: 60_000, limit: 3, store: rateLimitStore({ cache, name: 'some' }), legacyHeaders: false };
  app.use(require('express-rate-limit').rateLimit(limit));
  app.use(rateLimits({ cache, limits: { all: { limit: 100, window: '1m', key: () => 'all' } } }));
  const options = { secret: 'x', resave: false, saveUninitialized: true, store: sessionStore({ cache }) };
  app.use(require('express-session')(options));
  app.get('/', (req, res) => void res.json((req.session.visits = (req.session.visits ?? 0) + 1)));
  const server = app.listen(0, '127.0.0.1');
  await events.once(server, 'listening');
  const ask = (headers) => fetch(`http://127.0.0.1:${server.address().port}`, { headers });
  const first = await ask({});
  const cookie = first.headers.get('set-cookie').split(';')[0];
  assert.equal(first.headers.get('ratelimit-policy'), '"all";q=100;w=60');
  assert.deepEqual([await first.text(), await (await ask({ cookie })).text()], ['1', '2']);
  assert.deepEqual([(await ask({ cookie })).status, (await ask({ cookie })).status], [200, 429]);
  server.closeAllConnections();
  server.close();
};

exports.cachesMethods = async (cache, { Cached, CacheResource }, { cacheOf, setDefaultCache }) => {
  class User {}
  class Users {
    runs = 0;
    async find() {
      this.runs += 1;
      return new User();
    }
  }
  const method = Object.getOwnPropertyDescriptor(Users.prototype, 'find');
  const cached = Cached({ type: () => User })(Users.prototype, 'find', method);
  Object.defineProperty(Users.prototype, 'find', cached ?? method);
  CacheResource({ name: 'user' })(Users);

  setDefaultCache(cache);
  const users = new Users();
  assert.ok((await users.find()) instanceof User);
  assert.ok((await users.find()) instanceof User);
  assert.equal(users.runs, 1);
  assert.equal((await cacheOf(users, 'find').peek()).hit, true);
  await cacheOf(users, 'find').evict();
  await users.find();
  assert.equal(users.runs, 2);
  setDefaultCache(undefined);
};
