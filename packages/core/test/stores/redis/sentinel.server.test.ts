import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SharedStore } from '@cache/core';
import { redisStore } from '@cache/core/redis';
import { type RedisSentinel, startRedisSentinel } from '@cache/servers';
import { nothing, ordeal } from '../../support/ordeal.ts';
import { libraries, sentinel } from '../../support/redis-clients.ts';

let [mortal, frosty]: RedisSentinel[] = [];
beforeAll(async () => {
  [mortal, frosty] = await Promise.all([startRedisSentinel(), startRedisSentinel()]);
}, 120_000);
afterAll(() => Promise.all([mortal?.stop(), frosty?.stop()]));

const stores = (redis: RedisSentinel): SharedStore[] =>
  libraries.map((name) => redisStore({ client: sentinel[name](redis) }));

describe('a master is followed by its replica, and no process reads what was before its own changes', () => {
  test('when it dies', async () => {
    const { master } = mortal!;
    const found = await ordeal(stores(mortal!), ({ unwritten }) => unwritten(() => master.kill()));
    expect(found).toMatchObject(nothing);
  });

  test('when it freezes, and the sentinel that was asked for it too', async () => {
    const { master, sentinels } = frosty!;
    const found = await ordeal(stores(frosty!), ({ unwritten }) =>
      unwritten(() => Promise.all([master.freeze(), sentinels[0]!.freeze()])),
    );
    expect(found).toMatchObject(nothing);
  });
});
