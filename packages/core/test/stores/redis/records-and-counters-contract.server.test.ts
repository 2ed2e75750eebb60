import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createCache } from '@cache/core';
import { type RedisClientLike, redisStore } from '@cache/core/redis';
import { countersContract, recordsContract } from '@cache/core/testing';
import { type RedisCluster, type RedisServer, startRedis, startRedisCluster } from '@cache/servers';
import { cluster, libraries, single } from '../../support/redis-clients.ts';

let [alone, sharded]: [RedisServer?, RedisCluster?] = [];
beforeAll(async () => {
  [alone, sharded] = await Promise.all([startRedis(), startRedisCluster()]);
}, 120_000);
afterAll(() => Promise.all([alone?.stop(), sharded?.stop()]));

const clients = libraries.flatMap((name): [string, () => RedisClientLike][] => [
  [`a single server, by ${name}`, () => single[name](alone!)],
  [`a cluster, by ${name}`, () => cluster[name](sharded!)],
]);

describe.each(clients)('on %s,', (_, client) => {
  const cache = () => createCache({ namespace: 'shop', tiers: [redisStore({ client: client(), deadline: '2s' })] });

  test.concurrent.each(recordsContract(cache))('records: $name', async ({ run }) => {
    expect(await run()).toBeUndefined();
  });

  test.concurrent.each(countersContract(cache))('counters: $name', async ({ run }) => {
    expect(await run()).toBeUndefined();
  });
});
