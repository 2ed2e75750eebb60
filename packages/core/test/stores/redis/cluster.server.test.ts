import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SharedStore } from '@cache/core';
import { redisStore } from '@cache/core/redis';
import { type RedisCluster, startRedisCluster } from '@cache/servers';
import { moveSlot } from '../../support/move-slot.ts';
import { nothing, ordeal } from '../../support/ordeal.ts';
import { cluster, libraries } from '../../support/redis-clients.ts';

let redis: RedisCluster;
beforeAll(async () => {
  redis = await startRedisCluster();
}, 120_000);
afterAll(() => redis.stop());

const stores = (): SharedStore[] => libraries.map((name) => redisStore({ client: cluster[name](redis) }));

describe('in a cluster no process reads what was before its own changes', () => {
  test('while the slots of a value and of the record of tags move to other masters', async () => {
    const masters = redis.nodes.slice(0, 3);
    const found = await ordeal(stores(), async ({ namespace }) => {
      for (const key of [`${namespace}:{version:by0:0}:v`, `${namespace}:{tags}:clock`]) {
        const slot = Number(await masters[0]!.command('CLUSTER', 'KEYSLOT', key));
        const owner = Math.floor(slot / (16_384 / 3));
        const way = [masters[owner]!, masters[(owner + 1) % 3]!] as const;
        expect(await moveSlot(slot, redis.nodes, way, () => delay(300))).toBeGreaterThan(0);
      }
    });
    expect(found).toMatchObject(nothing);
  });

  test('when a master freezes: its replica takes over, and is used although the other one stays', async () => {
    const master = redis.nodes[0]!;
    try {
      expect(await ordeal(stores(), ({ unwritten }) => unwritten(() => master.freeze()))).toMatchObject(nothing);
    } finally {
      await master.thaw();
    }
  });

  test('when a master dies, and its replica takes over', async () => {
    const master = redis.nodes[1]!;
    const found = await ordeal(stores(), ({ unwritten }) => unwritten(() => master.kill()));
    expect(found).toMatchObject(nothing);
  });
});
