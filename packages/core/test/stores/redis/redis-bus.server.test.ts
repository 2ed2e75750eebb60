import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type Cache, cacheAside, createCache, memoryStore } from '@cache/core';
import { type RedisClientLike, redisBus, redisStore } from '@cache/core/redis';
import {
  type RedisCluster,
  type RedisSentinel,
  type RedisServer,
  startRedis,
  startRedisCluster,
  startRedisSentinel,
  waitUntil,
} from '@cache/servers';
import { cluster, libraries, sentinel, single } from '../../support/redis-clients.ts';

let rows: Map<string, string>;
const opened: Cache[] = [];
const name = (): string => `b${randomUUID().slice(0, 8)}`;

/** A process that hears the bus. */
async function open(namespace: string, client: () => RedisClientLike) {
  const cache = createCache({
    namespace,
    tiers: [memoryStore(), redisStore({ client: client() })],
    bus: redisBus({ client: client() }),
  });
  opened.push(cache);
  const load = async (id: string): Promise<string | null> => rows.get(id) ?? null;
  const users = cache.resource('user', cacheAside({ load, ttl: '1h', tags: ['all'] }));
  await cache.ready();
  await hears(cache, true);
  return { cache, users };
}

/** Reads until memory has the value: what comes while the record of tags is begun by another process is not kept. */
const remembers = (users: Awaited<ReturnType<typeof open>>['users'], value: string): Promise<void> =>
  waitUntil(`'${value}' is in memory`, async () => (await users.get('7')) === value && users.peekLocal('7') === value);

const hears = (cache: Cache, heard: boolean): Promise<void> =>
  waitUntil(`the bus is ${heard ? '' : 'not '}heard`, () => cache.health().bus?.heard === heard, 15_000);

beforeAll(() => {
  rows = new Map();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((cache) => cache.close()));
});

/** What one process reads in the end that has every change from the other. */
async function lastHeard(client: () => RedisClientLike): Promise<string | null> {
  const where = name();
  rows.set('7', 'old');
  const [mine, other] = await Promise.all([open(where, client), open(where, client)]);
  await remembers(mine.users, 'old');
  await other.users.mutate('7', () => rows.set('7', 'new'));
  await waitUntil('the change is heard', () => mine.users.peekLocal('7') === undefined);
  expect(await mine.users.get('7')).toBe('new');
  await remembers(mine.users, 'new');
  rows.set('7', 'newer');
  await other.cache.invalidateTags('all');
  await waitUntil('the invalidation is heard', () => mine.users.peekLocal('7') === undefined);
  return mine.users.get('7');
}

describe('a bus over a single Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  }, 120_000);
  afterAll(() => redis.stop());

  test.each(libraries)('carries word of changes to other processes, by %s', async (library) => {
    expect(await lastHeard(() => single[library](redis))).toBe('newer');
  });

  test.each(libraries)(
    'whose connections are cut is heard again, and memory asks once more, by %s',
    async (library) => {
      const where = name();
      rows.set('7', 'old');
      const [mine, other] = await Promise.all([1, 2].map(() => open(where, () => single[library](redis))));
      await mine!.users.get('7');
      await waitUntil('it is in memory', () => mine!.users.peekLocal('7') === 'old');
      await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await other!.users.mutate('7', () => rows.set('7', 'new'));
      await waitUntil('it is not believed', () => mine!.users.peekLocal('7') !== 'old', 1_500);
      expect(await mine!.users.get('7')).toBe('new');
      await hears(mine!.cache, true);
    },
  );

  test.each(libraries)('that freezes is not believed for longer than maxLocalStaleness, by %s', async (library) => {
    rows.set('7', 'old');
    const { cache, users } = await open(name(), () => single[library](redis));
    await remembers(users, 'old');
    await redis.freeze();
    try {
      rows.set('7', 'new');
      await hears(cache, false);
      expect(users.peekLocal('7')).toBeUndefined();
      expect(await users.get('7')).toBe('new');
    } finally {
      await redis.thaw();
    }
    await hears(cache, true);
  });

  test('that is killed is heard again once it is back', async () => {
    const { cache } = await open(name(), () => single['node-redis'](redis));
    await redis.kill();
    await hears(cache, false);
    await redis.restart();
    await hears(cache, true);
    expect(cache.health().ok).toBe(true);
  });

  test('may be opened by its address', async () => {
    const bus = redisBus({ url: redis.url });
    const cache = createCache({ namespace: name(), tiers: [memoryStore(), redisStore({ url: redis.url })], bus });
    opened.push(cache);
    await hears(cache, true);
    expect(cache.health().bus).toEqual({ name: 'redis bus', heard: true });
  });
});

describe('a bus over Sentinel', () => {
  let redis: RedisSentinel;
  beforeAll(async () => {
    redis = await startRedisSentinel();
  }, 120_000);
  afterAll(() => redis.stop());

  test.each(libraries)('carries word of changes to other processes, by %s', async (library) => {
    expect(await lastHeard(() => sentinel[library](redis))).toBe('newer');
  });
});

describe('a bus over a cluster', () => {
  let redis: RedisCluster;
  beforeAll(async () => {
    redis = await startRedisCluster();
  }, 120_000);
  afterAll(() => redis.stop());

  test.each(libraries)('carries word of changes to other processes, by %s', async (library) => {
    expect(await lastHeard(() => cluster[library](redis))).toBe('newer');
  });
});

test('a bus without an address is refused', () => {
  expect(() => redisBus({})).toThrow(/redisBus needs either `url`/);
});
