import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type RedisAddress, redisStore } from '@cache/core/redis';
import { sharedStoreContract } from '@cache/core/testing';
import { type RedisServer, startRedis } from '@cache/servers';
import { single } from '../../support/redis-clients.ts';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
}, 120_000);
afterAll(() => redis.stop());

const ways: [string, number, () => RedisAddress][] = [
  ['by its URL and node-redis', 150, () => ({ url: redis.url })],
  ['by ioredis', 20, () => ({ client: single.ioredis(redis) })],
];

describe.each(ways)('the store in Redis, %s', (_, runs, address) => {
  const cases = sharedStoreContract(() => redisStore(address()), {
    runs,
    foreign: (namespace, at) => redis.command('LPUSH', `${namespace}:{${at}}:v`, 'theirs'),
    loseTags: (namespace) => redis.command('DEL', `${namespace}:{tags}:instants`),
  });
  test.concurrent.each(cases)('$name', async ({ run }) => {
    expect(await run()).toBeUndefined();
  });
});
