import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { redisTracking } from '@cache/core/redis';
import { type RedisSentinel, type RedisServer, startRedis, startRedisSentinel, waitUntil } from '@cache/servers';
import { createCluster, createSentinel } from 'redis';
import { Cluster } from 'ioredis';
import { hears, Listening } from '../../support/listening.ts';
import { libraries, sentinel, single } from '../../support/redis-clients.ts';

let redis: RedisServer;
let watched: RedisSentinel;
beforeAll(async () => {
  [redis, watched] = await Promise.all([startRedis(), startRedisSentinel()]);
}, 120_000);
afterAll(() => Promise.all([redis.stop(), watched.stop()]));

const processes = new Listening((client) => redisTracking({ client }));
afterEach(() => processes.close());

describe.each(libraries)('by %s, Redis tells', (library) => {
  const client = () => single[library](redis);

  /** A process that has a value in memory. */
  const remembering = async () => {
    const where = Listening.namespace();
    processes.rows.set('7', 'old');
    const mine = await processes.open(where, client);
    await processes.remembers(mine.users, 'old');
    processes.rows.set('7', 'new');
    return { ...mine, where, forgets: () => waitUntil('it forgets', () => mine.users.peekLocal('7') !== 'old', 1_500) };
  };

  test('of the changes of other processes, as a bus does', async () => {
    expect(await processes.lastHeard(client)).toBe('newer');
  });

  test.each([
    ['deletes a key', (where: string) => redis.command('DEL', `${where}:{user:7}:v`)],
    ['writes something else', (where: string) => redis.command('SET', `${where}:{user:7}:v`, 'theirs')],
    ['has it expire', (where: string) => redis.command('PEXPIRE', `${where}:{user:7}:v`, '1')],
    ['deletes the record of tags', (where: string) => redis.command('DEL', `${where}:{tags}:clock`)],
    ['flushes everything', () => redis.command('FLUSHALL')],
  ])('of what redis-cli does: %s', async (_, change) => {
    const { users, where } = await remembering();
    await change(where);
    await waitUntil('it is seen', async () => (await users.get('7')) === 'new', 1_500);
    expect(await users.get('7')).toBe('new');
  });

  test('not of a value that could not be stored, which is believed for maxLocalStaleness', async () => {
    processes.rows.set('7', 'x'.repeat(2_000));
    const { users } = await processes.open(Listening.namespace(), client, { maxValueBytes: 1_000 });
    await waitUntil('it is in memory', async () => (await users.get('7')) === users.peekLocal('7'));
    processes.rows.set('7', 'new');
    await waitUntil('it is not believed', async () => (await users.get('7')) === 'new', 2_500);
    expect(await users.get('7')).toBe('new');
  });

  test('a writer of its own writes, which take nothing from Redis', async () => {
    const { carts } = await processes.open(Listening.namespace(), client);
    await carts.set('7', 'first');
    await carts.set('7', 'second');
    await waitUntil(
      'memory has it',
      async () => (await carts.get('7')) === 'second' && carts.peekLocal('7') !== undefined,
    );
    expect(await carts.peek('7')).toMatchObject({ hit: true, value: 'second' });
    expect(carts.stats().misses).toBe(0);
  });

  test('nothing on a connection that was cut; it is made anew, and memory asks once more', async () => {
    const { cache, users, forgets } = await remembering();
    const lines = (await redis.command('CLIENT', 'LIST')).split('\n');
    const ids = lines.filter((line) => / flags=\w*[tB]/.test(line)).map((line) => /^id=(\d+)/.exec(line)![1]!);
    expect(ids.length).toBeGreaterThan(0);
    for (const id of ids) await redis.command('CLIENT', 'KILL', 'ID', id);
    await forgets();
    expect(await users.get('7')).toBe('old');
    await hears(cache, true);
  });

  test('nothing while it is frozen, and memory is not believed for longer than maxLocalStaleness', async () => {
    expect(await processes.whileFrozen(redis, client)).toEqual({ inMemory: undefined, read: 'new' });
  });
});

test('over Sentinel, ioredis passes on what the master tells, and what its replica does that takes its place', async () => {
  const client = () => sentinel.ioredis(watched);
  expect(await processes.lastHeard(client)).toBe('newer');
  const { cache } = await processes.open(Listening.namespace(), client);
  await watched.master.kill();
  await hears(cache, false);
  await hears(cache, true);
  expect(await processes.lastHeard(client)).toBe('newer');
});

test.each([
  ['a sentinel of node-redis', createSentinel({ name: 'main', sentinelRootNodes: [{ host: '127.0.0.1', port: 1 }] })],
  ['a cluster of node-redis', createCluster({ rootNodes: [{ url: 'redis://127.0.0.1:1' }] })],
  ['a cluster of ioredis', new Cluster([{ host: '127.0.0.1', port: 1 }], { lazyConnect: true })],
])('%s is refused, with what to use instead', (_, client) => {
  expect(() => redisTracking({ client })).toThrow(/use redisBus\(\{ client \}\)/);
});
