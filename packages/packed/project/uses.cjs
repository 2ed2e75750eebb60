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
