import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { redisStore } from '@cache/core/redis';
import { sharedStoreContract } from '@cache/core/testing';
import { type RedisCluster, startRedisCluster } from '@cache/servers';
import { cluster, libraries } from '../../support/redis-clients.ts';

let redis: RedisCluster;
beforeAll(async () => {
  redis = await startRedisCluster();
}, 120_000);
afterAll(() => redis.stop());

/** Sends a command to the master whose slot it is for. */
async function command(...words: string[]): Promise<string> {
  const told = await Promise.allSettled(redis.nodes.slice(0, 3).map((node) => node.command(...words)));
  const reply = told.find(({ status }) => status === 'fulfilled');
  if (reply?.status !== 'fulfilled') throw new Error('no master took it');
  return reply.value;
}

describe.each(libraries)('the store in a Redis cluster, by %s', (library) => {
  const cases = sharedStoreContract(() => redisStore({ client: cluster[library](redis) }), {
    runs: 10,
    foreign: (namespace, at) => command('LPUSH', `${namespace}:{${at}}:v`, 'theirs'),
    loseTags: (namespace) => command('DEL', `${namespace}:{tags}:instants`),
  });
  test.concurrent.each(cases)('$name', async ({ run }) => {
    expect(await run()).toBeUndefined();
  });
});
