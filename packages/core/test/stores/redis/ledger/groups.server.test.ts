import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { addition, createCache, type Ledger, memoryStore, writeBehind } from '@cache/core';
import { redisLedger } from '@cache/core/redis';
import { ledgerContract } from '@cache/core/testing';
import { type RedisCluster, type RedisSentinel, startRedisCluster, startRedisSentinel } from '@cache/servers';
import { slotOf } from '../../../../src/stores/redis/slot.ts';
import { CountedSource } from '../../../support/counted-source.ts';
import { moveSlot } from '../../../support/move-slot.ts';
import { cluster, libraries, sentinel } from '../../../support/redis-clients.ts';

let nodes: RedisCluster;
let guarded: RedisSentinel;
beforeAll(async () => {
  [nodes, guarded] = await Promise.all([startRedisCluster({ replicas: 0 }), startRedisSentinel()]);
}, 120_000);
afterAll(() => Promise.all([nodes.stop(), guarded.stop()]));

/** Few are enough to see that commands reach the right server: what scripts do is the same everywhere. */
const everyCommand =
  /as it was made|order in which they are|a mark tells|opened again|whose lease ran out|key by key|under a read lease|queued again under its|discarded/;
const casesOf = (ledger: () => Ledger) =>
  ledgerContract(ledger, { durable: true }).filter(({ name }) => everyCommand.test(name));

describe.each(libraries)('a ledger on a cluster, by %s', (library) => {
  test.each(casesOf(() => redisLedger({ client: cluster[library](nodes) })))('$name', async ({ run }) => {
    expect(await run()).toBeUndefined();
  });

  test('loses and doubles nothing while a slot moves', async () => {
    const source = new CountedSource();
    const cache = createCache({ namespace: `move-${library}`, tiers: [memoryStore()] });
    const strategy = writeBehind<string, number | null, number>({
      load: source.load,
      saveMany: source.saveMany,
      merge: { ...addition, saveMany: source.addMany },
      ledger: redisLedger({ client: cluster[library](nodes), shards: 1 }),
      flush: { after: 20, lease: 2_000 },
    });
    const views = cache.resource(library, strategy);
    await views.merge('a', 1);
    let [merged, moving] = [1, true];
    const merging = (async () => {
      for (; moving; merged += 1) await views.merge(`abc`[merged % 3]!, 1);
    })();
    const slot = slotOf(`move-${library}:{${library}/0}:m`);
    const owner = nodes.nodes.find((_, at) => slot < Math.floor((16_384 * (at + 1)) / 3))!;
    const other = nodes.nodes.find((node) => node !== owner)!;
    await moveSlot(slot, nodes.nodes, [owner, other], async () => undefined);
    moving = false;
    await merging;
    await views.flush();
    expect([...source.rows.values()].reduce((sum, { value }) => sum + value!, 0)).toBe(merged);
    expect(await cache.close()).toEqual({ unwritten: 0 });
  });
});

describe.each(libraries)('a ledger of a master that sentinels name, by %s', (library) => {
  test.each(casesOf(() => redisLedger({ client: sentinel[library](guarded) })))('$name', async ({ run }) => {
    expect(await run()).toBeUndefined();
  });
});
