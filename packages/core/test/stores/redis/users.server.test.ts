import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createCache } from '@cache/core';
import { redisBus, type RedisClientLike, redisStore, redisTracking } from '@cache/core/redis';
import {
  type RedisCluster,
  type RedisSentinel,
  type RedisServer,
  startRedis,
  startRedisCluster,
  startRedisSentinel,
} from '@cache/servers';
import { Listening } from '../../support/listening.ts';
import { cluster, libraries, sentinel, single } from '../../support/redis-clients.ts';

const namespace = 'shop';
const user = { username: 'app', password: 'secret' };
// Those of docs/outages.md.
const forStore = ['mget', 'evalsha', 'eval', '@read', '@write', 'time', 'cluster|slots', 'info'];
const forBus = ['publish', 'subscribe'];
const forTracking = ['client|tracking', 'client|id', 'ping', 'subscribe'];
const rules = [
  `~${namespace}:*`,
  `&${namespace}:bus`,
  '&__redis__:invalidate',
  ...[...forStore, ...forBus, ...forTracking].map((name) => `+${name}`),
];

let [alone, watched, sharded]: [RedisServer?, RedisSentinel?, RedisCluster?] = [];
beforeAll(async () => {
  [alone, watched, sharded] = await Promise.all([startRedis(), startRedisSentinel(), startRedisCluster()]);
  const data = [alone, watched.master, ...watched.replicas, ...sharded.nodes];
  await Promise.all(data.map((node) => node.command('ACL', 'SETUSER', 'app', 'on', '>secret', ...rules)));
}, 120_000);
afterAll(() => Promise.all([alone?.stop(), watched?.stop(), sharded?.stop()]));

const clients = libraries.flatMap((name): [string, () => RedisClientLike, () => RedisServer][] => [
  [`a single server, by ${name}`, () => single[name](alone!, user), () => alone!],
  [`Sentinel, by ${name}`, () => sentinel[name](watched!, user), () => watched!.master],
  [`a cluster, by ${name}`, () => cluster[name](sharded!, user), () => sharded!.nodes[0]!],
]);

let processes: Listening | undefined;
afterEach(() => processes?.close());

describe('a user who may do no more than is needed, and logs in as the client says, uses', () => {
  test.each(clients)('%s', async (_, client, master) => {
    const cache = createCache({ namespace, tiers: [redisStore({ client: client(), deadline: '5s' })] });
    await cache.ready({ timeout: '20s' });
    const keys = Array.from({ length: 20 }, (__, index) => `key ${index}`);
    for (const key of keys) await cache.getOrSet(key, () => 1);
    expect(await Promise.all(keys.map((key) => cache.getOrSet(key, () => 2)))).toEqual(keys.map(() => 1));
    expect(await Promise.all(keys.map((key) => cache.evict(key)))).toEqual(keys.map(() => 'done'));
    const [records, counters] = [cache.records('some'), cache.counters('some', { onOutage: 'closed' })];
    const quota = { key: 'k', window: 1_000, limit: 1, countRefused: false } as const;
    await Promise.all(keys.map((key) => records.set(key, Buffer.from(key), 60_000)));
    expect([await records.touch('key 1', 60_000), await records.count()]).toEqual([true, keys.length]);
    for (const algorithm of ['fixed', 'sliding'] as const) {
      expect(await counters.hit('g', [{ ...quota, algorithm }])).toMatchObject({ allowed: true });
      await counters.giveBack('g', { ...quota, algorithm });
    }
    await Promise.all([records.clear(), counters.clear()]);
    expect(await records.get('key 1')).toBeUndefined();
    expect(await master().command('CLIENT', 'LIST')).toContain('user=app');
    await cache.close();
  });

  test.each(clients)('%s, with a bus', async (_, client) => {
    processes = new Listening((each) => redisBus({ client: each }));
    expect(await processes.lastHeard(client, namespace)).toBe('newer');
  });

  test.each(clients.filter(([name]) => /single|Sentinel, by ioredis/.test(name)))(
    '%s, with tracking',
    async (_, client) => {
      processes = new Listening((each) => redisTracking({ client: each }));
      expect(await processes.lastHeard(client, namespace)).toBe('newer');
    },
  );
});
