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

let redis: RedisServer;
let watched: RedisSentinel;
let sharded: RedisCluster;
beforeAll(async () => {
  [redis, watched, sharded] = await Promise.all([startRedis(), startRedisSentinel(), startRedisCluster()]);
}, 120_000);
afterAll(() => Promise.all([redis, watched, sharded].map((each) => each.stop())));

const processes = new Listening((client) => redisBus({ client }));
afterEach(() => processes.close());

describe.each(libraries)('a bus by %s carries word of changes to other processes', (library) => {
  test.each([
    ['a single Redis', () => single[library](redis)],
    ['Sentinel', () => sentinel[library](watched)],
    ['a cluster', () => cluster[library](sharded)],
  ])('over %s', async (_, client) => {
    expect(await processes.lastHeard(client)).toBe('newer');
  });
});

describe.each(libraries)('a bus by %s whose connection is cut knows that it was not heard for a while', (library) => {
  test.each([
    ['a single Redis', () => single[library](redis), () => [redis]],
    ['Sentinel', () => sentinel[library](watched), () => [watched.master]],
    ['a cluster', () => cluster[library](sharded), () => sharded.nodes],
  ])('over %s', async (_, client, servers) => {
    const { cache } = await processes.open(Listening.namespace(), client);
    await hears(cache, true);
    const down: unknown[] = [];
    cache.on('busDown', ({ reason }) => down.push(reason));
    await Promise.all(servers().map((each) => each.command('CLIENT', 'KILL', 'TYPE', 'pubsub')));
    await waitUntil('it is told', () => down.length > 0, 1_000);
    expect(down).toEqual(['disconnected']);
    await hears(cache, true);
  });
});

describe('a bus over a single Redis', () => {
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
    const found = await processes.whileFrozen(redis, () => single[library](redis));
    expect(found).toEqual({ inMemory: undefined, read: 'new' });
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

test('a bus without an address is refused', () => {
  expect(() => redisBus({})).toThrow(/redisBus needs either `url`/);
});
