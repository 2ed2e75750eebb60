import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { type Cache, type CacheOptions, createCache, type SharedStore } from '@cache/core';
import { redisStore } from '@cache/core/redis';
import { type RedisServer, startRedis } from '@cache/servers';

/** One Redis for the tests of a file, each of which has a namespace of its own, and its caches closed after it. */
export class OnRedis {
  redis!: RedisServer;
  namespace = '';
  readonly #caches: Cache[] = [];

  constructor() {
    beforeAll(async () => {
      this.redis = await startRedis();
    }, 120_000);
    beforeEach(() => {
      this.namespace = `t${randomUUID().slice(0, 8)}`;
    });
    // A test may have closed it before; and one whose Redis is away may not be able to.
    afterEach(() => Promise.all(this.#caches.splice(0).map((cache) => cache.close().catch(() => undefined))));
    afterAll(() => this.redis.stop());
  }

  /** The cache of one more process, by default over Redis alone, once it has reached that. */
  async open(options: CacheOptions = {}): Promise<Cache> {
    const cache = this.opened(createCache({ namespace: this.namespace, tiers: [this.store()], ...options }));
    await cache.ready();
    return cache;
  }

  store(deadline = 150, url = this.redis.url): SharedStore {
    return redisStore({ url, deadline });
  }

  /** A cache that is closed after the test. */
  opened(cache: Cache): Cache {
    this.#caches.push(cache);
    return cache;
  }
}
