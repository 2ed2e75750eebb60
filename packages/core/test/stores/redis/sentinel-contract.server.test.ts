import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { redisStore } from '@cache/core/redis';
import { sharedStoreContract } from '@cache/core/testing';
import { type RedisSentinel, startRedisSentinel } from '@cache/servers';
import { libraries, sentinel } from '../../support/redis-clients.ts';

let redis: RedisSentinel;
beforeAll(async () => {
  redis = await startRedisSentinel();
}, 120_000);
afterAll(() => redis.stop());

describe.each(libraries)('the store in a Redis with Sentinel, by %s', (library) => {
  const cases = sharedStoreContract(() => redisStore({ client: sentinel[library](redis) }), {
    runs: 10,
    foreign: (namespace, at) => redis.master.command('LPUSH', `${namespace}:{${at}}:v`, 'theirs'),
    loseTags: (namespace) => redis.master.command('DEL', `${namespace}:{tags}:instants`),
  });
  test.concurrent.each(cases)('$name', async ({ run }) => {
    expect(await run()).toBeUndefined();
  });
});
