import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createCache, memoryStore } from '@cache/core';
import { redisBus, redisStore } from '@cache/core/redis';
import {
  type RedisCluster,
  type RedisSentinel,
  type RedisServer,
  startRedis,
  startRedisCluster,
  startRedisSentinel,
  waitUntil,
} from '@cache/servers';
import { hears, Listening } from '../../support/listening.ts';
import { cluster, libraries, sentinel, single } from '../../support/redis-clients.ts';

let processes: Listening;
beforeAll(() => {
  processes = new Listening((client) => redisBus({ client }));
});
afterEach(() => processes.close());

describe('a bus over a single Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  }, 120_000);
  afterAll(() => redis.stop());

  test.each(libraries)('carries word of changes to other processes, by %s', async (library) => {
    expect(await processes.lastHeard(() => single[library](redis))).toBe('newer');
  });

  test.each(libraries)(
    'whose connections are cut is heard again, and memory asks once more, by %s',
    async (library) => {
      const where = Listening.namespace();
      processes.rows.set('7', 'old');
      const [mine, other] = await Promise.all([1, 2].map(() => processes.open(where, () => single[library](redis))));
      await mine!.users.get('7');
      await waitUntil('it is in memory', () => mine!.users.peekLocal('7') === 'old');
      await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await other!.users.mutate('7', () => processes.rows.set('7', 'new'));
      await waitUntil('it is not believed', () => mine!.users.peekLocal('7') !== 'old', 1_500);
      expect(await mine!.users.get('7')).toBe('new');
      await hears(mine!.cache, true);
    },
  );

  test.each(libraries)('that freezes is not believed for longer than maxLocalStaleness, by %s', async (library) => {
    processes.rows.set('7', 'old');
    const { cache, users } = await processes.open(Listening.namespace(), () => single[library](redis));
    await processes.remembers(users, 'old');
    await redis.freeze();
    try {
      processes.rows.set('7', 'new');
      await hears(cache, false);
      expect(users.peekLocal('7')).toBeUndefined();
      expect(await users.get('7')).toBe('new');
    } finally {
      await redis.thaw();
    }
    await hears(cache, true);
  });

  test('that is killed is heard again once it is back', async () => {
    const { cache } = await processes.open(Listening.namespace(), () => single['node-redis'](redis));
    await redis.kill();
    await hears(cache, false);
    await redis.restart();
    await hears(cache, true);
    expect(cache.health().ok).toBe(true);
  });

  test('may be opened by its address', async () => {
    const bus = redisBus({ url: redis.url });
    const cache = createCache({
      namespace: Listening.namespace(),
      tiers: [memoryStore(), redisStore({ url: redis.url })],
      bus,
    });
    await hears(cache, true);
    expect(cache.health().bus).toEqual({ name: 'redis bus', heard: true });
    await cache.close();
  });
});

describe('a bus over Sentinel', () => {
  let redis: RedisSentinel;
  beforeAll(async () => {
    redis = await startRedisSentinel();
  }, 120_000);
  afterAll(() => redis.stop());

  test.each(libraries)('carries word of changes to other processes, by %s', async (library) => {
    expect(await processes.lastHeard(() => sentinel[library](redis))).toBe('newer');
  });
});

describe('a bus over a cluster', () => {
  let redis: RedisCluster;
  beforeAll(async () => {
    redis = await startRedisCluster();
  }, 120_000);
  afterAll(() => redis.stop());

  test.each(libraries)('carries word of changes to other processes, by %s', async (library) => {
    expect(await processes.lastHeard(() => cluster[library](redis))).toBe('newer');
  });
});

test('a bus without an address is refused', () => {
  expect(() => redisBus({})).toThrow(/redisBus needs either `url`/);
});
