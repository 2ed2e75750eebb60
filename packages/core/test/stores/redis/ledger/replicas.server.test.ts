import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createCache, DurabilityError, type LedgerBook, memoryStore, writeBehind } from '@cache/core';
import { redisLedger } from '@cache/core/redis';
import { type RedisCluster, type RedisServer, startRedisCluster } from '@cache/servers';
import { systemClock } from '../../../../src/model/clock.ts';
import { slotOf } from '../../../../src/stores/redis/slot.ts';
import { thrownBy } from '../../../support/failure.ts';
import { cluster } from '../../../support/redis-clients.ts';

let nodes: RedisCluster;
beforeAll(async () => {
  nodes = await startRedisCluster({ replicas: 1, nodeTimeoutMs: 60_000 });
}, 120_000);
afterAll(() => nodes.stop());

const opened: LedgerBook[] = [];
afterEach(() => Promise.all(opened.splice(0).map((book) => book.close())));

/** A ledger of one shard, and the replica that follows the master of its slot. */
function open(): { book: LedgerBook; replica: RedisServer } {
  const namespace = randomUUID();
  const told = { lost: () => undefined, report: () => undefined };
  const context = { namespace, resource: 'r', clock: systemClock, due: 0, max: 1_000, ...told };
  const ledger = redisLedger({ client: cluster['node-redis'](nodes), shards: 1, deadline: 2_000 });
  const book = ledger.open(context);
  opened.push(book);
  const slot = slotOf(`${namespace}:{r/0}:m`);
  const master = [0, 1, 2].find((at) => slot < Math.floor((16_384 * (at + 1)) / 3))!;
  return { book, replica: nodes.nodes[3 + master]! };
}

const write = (key: string, operation?: string) => ({
  key,
  op: 'save' as const,
  payload: Buffer.from('x'),
  durability: { replicated: 1 },
  operation,
});

test('on a cluster the replica of the very master that has the write is waited for', async () => {
  const { book, replica } = open();
  expect(await book.put(write('a'))).toMatchObject({ state: 'accepted' });
  await replica.freeze();
  const alone = await book.put(write('b', 'op')).catch((error: unknown) => error);
  expect(alone).toBeInstanceOf(DurabilityError);
  await replica.thaw();
  const { version } = alone as DurabilityError;
  expect(await book.put(write('b', 'op'))).toMatchObject({ state: 'accepted', version });
}, 30_000);

test('writes that come together wait once, and each is told where it is', async () => {
  const { book, replica } = open();
  await book.put(write('a'));
  await replica.freeze();
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, at) => book.put(write(`k${at}`))));
  await replica.thaw();
  const keys = outcomes.map((each) => (each.status === 'rejected' ? (each.reason as DurabilityError).key : 'accepted'));
  expect(keys).toEqual(Array.from({ length: 20 }, (_, at) => `k${at}`));
  expect((await book.stats()).dirty).toBe(21);
}, 30_000);

test('a client that cannot ask the right master is refused, and not believed', () => {
  const cache = createCache({ tiers: [memoryStore()] });
  const ledger = redisLedger({ client: cluster.ioredis(nodes) });
  const open = () =>
    cache.resource(
      'r',
      writeBehind<string, number>({ load: () => 0, saveMany: async () => 0, ledger, durability: { replicated: 1 } }),
    );
  expect(thrownBy(open).message).toContain("cannot be 'replicated'");
});
