import { strict as assert } from 'node:assert';
import 'reflect-metadata';
import { type Cache, cacheAside, CacheError, createCache } from '@cache/core';
import { redisStore } from '@cache/core/redis';
import { ManualClock } from '@cache/core/testing';
import { Cached, cacheOf, CacheResource, Evicts, Updates } from '@cache/decorators';
import { cacheResponse, evicts } from '@cache/express';
import { rateLimits, rateLimitStore } from '@cache/express/rate-limit';
import { sessionStore } from '@cache/express/session';
import { Exclude } from 'class-transformer';
import express from 'express';
import { rateLimit } from 'express-rate-limit';
import session from 'express-session';

class User {
  id = '';
  name = '';
}

class Account {
  id = '';
  secret = 'none';
}
Exclude()(Account.prototype, 'secret');

const cache: Cache = createCache({ clock: new ManualClock() });

@CacheResource({ name: 'user', cache })
class Users {
  runs = 0;

  @Cached({ key: (id: string) => id, type: () => User })
  async find(id: string): Promise<User | null> {
    this.runs += 1;
    return Object.assign(new User(), { id });
  }

  @Cached({ name: 'account', type: () => Account })
  async account(): Promise<Account> {
    return Object.assign(new Account(), { id: '1', secret: 'kept nowhere' });
  }

  @Updates({ key: (user: User) => user.id })
  async save(user: User): Promise<User> {
    return user;
  }

  @Evicts({ key: (id: string) => id })
  async remove(_id: string): Promise<void> {}

  // @ts-expect-error the method takes a string
  @Evicts({ key: (id: number) => id })
  async rename(_id: string): Promise<void> {}
}

async function main(): Promise<void> {
  const users = new Users();
  assert.ok((await users.find('1')) instanceof User);
  assert.ok((await users.find('1')) instanceof User);
  assert.equal(users.runs, 1);
  // The decorators of class-transformer are found by the build that is in use.
  assert.deepEqual(await users.account(), Object.assign(new Account(), { id: '1' }));
  await users.remove('1');
  const peek = await cacheOf(users, 'find').peek('1');
  assert.equal(peek.hit, false);

  const numbers = cache.resource('number', cacheAside({ load: (key: number) => key + 1 }));
  const two: number | null = await numbers.get(1);
  assert.equal(two, 2);
  // @ts-expect-error keys are numbers
  await assert.rejects(numbers.get({}), (error) => error instanceof CacheError && error.code === 'INVALID_KEY');

  const app = express();
  app.get('/:id', cacheResponse({ cache, ttl: '1m', tags: (req) => [`user:${req.params['id']}`] }));
  app.put('/:id', evicts({ cache, tags: ['user'] }));
  app.use(session({ secret: 'x', store: sessionStore({ cache, ttl: '1h' }), resave: false, saveUninitialized: false }));
  app.use(rateLimit({ store: rateLimitStore({ cache, name: 'all', algorithm: 'sliding' }), limit: 10 }));
  app.use('/:id', rateLimits({ cache, limits: { id: { limit: 1, window: '1s', key: (req) => req.params['id'] } } }));
  // @ts-expect-error there is no such option
  assert.throws(() => redisStore({ url: 'redis://localhost', clients: 1 }), { code: 'UNKNOWN_OPTION' });
}

void main();
