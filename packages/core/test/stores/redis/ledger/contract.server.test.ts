import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { redisLedger } from '@cache/core/redis';
import { ledgerContract } from '@cache/core/testing';
import { type RedisServer, startRedis } from '@cache/servers';
import { libraries, single } from '../../../support/redis-clients.ts';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'no'] });
}, 120_000);
afterAll(() => redis.stop());

describe.each(libraries)('a ledger in one Redis, by %s', (library) => {
  test.each(ledgerContract(() => redisLedger({ client: single[library](redis) }), { durable: true }))(
    '$name',
    async ({ run }) => {
      expect(await run()).toBeUndefined();
    },
  );
});

describe('a ledger in three shards', () => {
  const cases = ledgerContract(() => redisLedger({ url: redis.url, shards: 3 }), { durable: true });
  // Each shard has its own most keys, letters and order.
  test.each(cases.filter(({ name }) => !/full|in portions|random/.test(name)))('$name', async ({ run }) => {
    expect(await run()).toBeUndefined();
  });
});
