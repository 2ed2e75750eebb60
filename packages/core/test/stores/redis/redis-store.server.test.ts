import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { cacheAside, type CacheOptions, createCache, memoryStore, writeThrough } from '@cache/core';
import { redisStore } from '@cache/core/redis';
import { type RedisServer, startRedis, waitUntil } from '@cache/servers';
import { Redis } from 'ioredis';
import { createClient, createClientPool } from 'redis';
import type { Cache } from '../../../src/index.ts';

let redis: RedisServer;
const opened: Cache[] = [];

beforeAll(async () => {
  redis = await startRedis();
}, 120_000);
afterEach(async () => {
  await Promise.all(opened.splice(0).map((cache) => cache.close()));
});
afterAll(() => redis.stop());

/** A cache over the server; each test has a namespace of its own. */
async function open(
  namespace: string,
  tiers: CacheOptions['tiers'] = [redisStore({ url: redis.url })],
): Promise<Cache> {
  const cache = createCache({ namespace, tiers });
  opened.push(cache);
  await cache.ready();
  return cache;
}

const namespace = (): string => `t${randomUUID().slice(0, 8)}`;

describe('values in Redis', () => {
  test('come back in another process as they were: dates, maps, sets, bigints, buffers, null, undefined fields', async () => {
    const value = {
      at: new Date(5),
      byName: new Map([['a', 1]]),
      set: new Set([1, 'x']),
      big: 10n ** 20n,
      bytes: Buffer.from([0, 255]),
      nothing: null,
      absent: undefined,
      text: 'héllo \u{1F600}',
    };
    const where = namespace();
    const [writer, reader] = [await open(where), await open(where)];
    expect(await writer.getOrSet('k', () => value)).toEqual(value);
    const back = await reader.getOrSet('k', () => Promise.reject(new Error('must not load')));
    expect(back).toEqual(value);
    expect(Buffer.isBuffer((back as typeof value).bytes)).toBe(true);
    expect(Object.keys(back as object)).toContain('absent');
  });

  test('live under the namespace and expire in the server', async () => {
    const where = namespace();
    const cache = await open(where);
    await cache.getOrSet('report:may', () => 1, { ttl: '1h', jitter: 0 });
    expect(await cache.getOrSet('report:may', () => 2)).toBe(1);
    const keys = (await redis.command('KEYS', `${where}:*`)).split('\n').sort();
    expect(keys).toEqual([`${where}:{:report:may}:v`, `${where}:{tags}:clock`, `${where}:{tags}:instants`].sort());
    const left = Number(await redis.command('PTTL', `${where}:{:report:may}:v`));
    expect(left).toBeGreaterThan(3_590_000);
    expect(left).toBeLessThanOrEqual(3_600_000);
  });

  test('of a foreign type or with foreign bytes are a miss with an event, and are never overwritten', async () => {
    const where = namespace();
    const cache = await open(where);
    const errors: unknown[] = [];
    cache.on('storeError', ({ error }) => errors.push(error));
    await redis.command('LPUSH', `${where}:{:list}:v`, 'theirs');
    await redis.command('SET', `${where}:{:text}:v`, 'theirs');
    expect(await cache.getOrSet('list', () => 'ours')).toBe('ours');
    expect(await cache.evict('list')).toBe('done');
    expect(await redis.command('LRANGE', `${where}:{:list}:v`, '0', '-1')).toBe('theirs');
    expect(await cache.getOrSet('text', () => 'ours')).toBe('ours');
    expect(errors.length).toBeGreaterThanOrEqual(2);
  });

  test('of no bytes at all are a miss like any other foreign ones, without a round trip more', async () => {
    const where = namespace();
    const cache = await open(where, [redisStore({ url: redis.url, deadline: '20s' })]);
    const begun = performance.now();
    await redis.command('SET', `${where}:{:empty}:v`, '');
    expect(await cache.getOrSet('empty', () => 'ours')).toBe('ours');
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect(await cache.getOrSet('empty', () => 'again')).toBe('ours');
  });

  test('of another shape version are a miss', async () => {
    const where = namespace();
    const old = createCache({ namespace: where, version: 1, tiers: [redisStore({ url: redis.url })] });
    const young = createCache({ namespace: where, version: 2, tiers: [redisStore({ url: redis.url })] });
    opened.push(old, young);
    await Promise.all([old.ready(), young.ready()]);
    expect(await old.getOrSet('k', () => 'old')).toBe('old');
    expect(await young.getOrSet('k', () => 'young')).toBe('young');
    expect(await young.getOrSet('k', () => 'younger')).toBe('young');
  });
});

describe('two processes', () => {
  test('load a cold key once between them', async () => {
    const where = namespace();
    const caches = [await open(where), await open(where)];
    let loads = 0;
    const load = async (): Promise<number> => {
      loads += 1;
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
      return loads;
    };
    const resources = caches.map((cache) => cache.resource('value', cacheAside<string, number>({ load })));
    const answers = await Promise.all(Array.from({ length: 500 }, (_, index) => resources[index % 2]!.get('k')));
    expect(new Set(answers)).toEqual(new Set([1]));
    expect(loads).toBe(1);
  });

  test('see each other’s writes, clears and tag invalidations with the next read of the shared tier', async () => {
    const where = namespace();
    let value = 1;
    const options = { load: () => value, save: async (_: string, next: number) => void (value = next), tags: ['all'] };
    const [a, b] = [await open(where), await open(where)];
    const [va, vb] = [a, b].map((cache) => cache.resource('value', writeThrough<string, number>(options)));
    expect([await va!.get('k'), await vb!.get('k')]).toEqual([1, 1]);
    await va!.set('k', 2);
    expect(await vb!.peek('k')).toMatchObject({ hit: true, value: 2, tier: 'redis' });
    value = 3;
    expect(await vb!.get('k')).toBe(2);
    await va!.clear();
    expect(await vb!.get('k')).toBe(3);
    value = 4;
    await b.invalidateTags('all');
    expect(await va!.get('k')).toBe(4);
    value = 5;
    await a.clear();
    expect(await vb!.get('k')).toBe(5);
  });

  test('never fill while the other one writes', async () => {
    const where = namespace();
    let value = 1;
    const [a, b] = [await open(where), await open(where)];
    const [va, vb] = [a, b].map((cache) => cache.resource('value', cacheAside<string, number>({ load: () => value })));
    let answered: unknown;
    await va!.mutate('k', async () => {
      answered = await vb!.get('k');
      value = 2;
    });
    expect(answered).toBe(1);
    expect(await vb!.peek('k')).toEqual({ hit: false });
    expect(await vb!.get('k')).toBe(2);
  });
});

describe('a server that loses its memory', () => {
  test('by FLUSHALL and SCRIPT FLUSH costs misses, nothing else', async () => {
    const cache = await open(namespace(), [redisStore({ url: redis.url })]);
    let loads = 0;
    const values = cache.resource('value', cacheAside<string, number>({ load: () => (loads += 1) }));
    expect(await values.get('k')).toBe(1);
    await redis.command('FLUSHALL');
    await redis.command('SCRIPT', 'FLUSH');
    expect(await values.get('k')).toBe(2);
    expect(await values.get('k')).toBe(2);
    expect(await values.evict('k')).toBe('done');
  });

  test('of tags alone invalidates, and never brings back what a tag had invalidated', async () => {
    const where = namespace();
    const cache = await open(where);
    let version = 1;
    const values = cache.resource('value', cacheAside<string, number>({ load: () => version, tags: ['t'] }));
    await values.get('k');
    version = 2;
    await redis.command('DEL', `${where}:{tags}:instants`);
    await cache.invalidateTags('t');
    const newcomer = (await open(where)).resource('value', cacheAside<string, number>({ load: () => version }));
    expect(await newcomer.get('k')).toBe(2);
    expect(await values.get('k')).toBe(2);
  });
});

test('more tags than a record holds have the older half end what is older, and leave the rest as it is', async () => {
  const where = namespace();
  const cache = await open(where);
  const invalidate = async (from: number, to: number): Promise<void> => {
    const tags = Array.from({ length: to - from }, (_, index) => `tag ${from + index}`);
    while (tags.length > 0) await cache.invalidateTags(...tags.splice(0, 100));
  };
  const [old, young, tagged] = [{ tags: ['old'] }, { tags: ['young'] }, { tags: ['tag 19000'] }];
  await cache.getOrSet('before', () => 1, old);
  await invalidate(0, 15_000);
  await cache.getOrSet('between', () => 1, young);
  await cache.getOrSet('tagged', () => 1, tagged);
  await invalidate(15_000, 20_000);
  await cache.invalidateTags('one more');
  // Of all that was invalidated, this process knows only what the record says.
  const other = await open(where);
  expect(await other.getOrSet('before', () => 2, old)).toBe(2);
  expect(await other.getOrSet('between', () => 2, young)).toBe(1);
  expect(await other.getOrSet('tagged', () => 2, tagged)).toBe(2);
  const [clock, instants] = [`${where}:{tags}:clock`, `${where}:{tags}:instants`];
  expect(Number(await redis.command('ZCARD', instants))).toBeLessThanOrEqual(10_003);
  const [generation] = (await redis.command('GET', clock)).trim().split(' ');
  expect((await redis.command('ZRANGE', instants, '0', '0')).trim()).toBe(`generation:${generation}`);
});

test('a record of tags beyond what can be counted on from is begun anew', async () => {
  const where = namespace();
  const cache = await open(where);
  const clock = `${where}:{tags}:clock`;
  await cache.invalidateTags('other');
  const [generation] = (await redis.command('GET', clock)).trim().split(' ');
  await redis.command('SET', clock, `${generation} ${2 ** 53}`);
  await cache.getOrSet('k', () => 1, { tags: ['t'], ttl: '1h' });
  await cache.invalidateTags('t');
  expect(await cache.getOrSet('k', () => 2, { tags: ['t'], ttl: '1h' })).toBe(2);
  expect(await (await open(where)).getOrSet('k', () => 3, { tags: ['t'], ttl: '1h' })).toBe(2);
});

describe('a client of the user', () => {
  test('gives its settings, and is neither used nor closed', async () => {
    const client = createClient({ url: redis.url });
    client.on('error', () => undefined);
    await client.connect();
    const cache = await open(namespace(), [memoryStore(), redisStore({ client })]);
    expect(await cache.getOrSet('k', () => 1)).toBe(1);
    await cache.close();
    opened.splice(0);
    expect(await client.ping()).toBe('PONG');
    client.destroy();
  });

  test('may be aborted, full or for replicas: that does not count', async () => {
    const client = createClient({
      url: redis.url,
      readonly: true,
      commandsQueueMaxLength: 3,
      commandOptions: { abortSignal: AbortSignal.abort() },
    });
    const where = namespace();
    const cache = await open(where, [redisStore({ client })]);
    const keys = Array.from({ length: 20 }, (_, key) => String(key));
    expect(await Promise.all(keys.map((key) => cache.getOrSet(key, () => key)))).toEqual(keys);
    const other = await open(where);
    expect(await Promise.all(keys.map((key) => other.getOrSet(key, () => 'loaded again')))).toEqual(keys);
  });

  test('of ioredis does so too, and what it says of prefixes and replicas does not count', async () => {
    const client = new Redis(redis.url, { keyPrefix: 'theirs:', readOnly: true, stringNumbers: true });
    const where = namespace();
    const cache = await open(where, [redisStore({ client })]);
    expect(await cache.getOrSet('k', () => 1)).toBe(1);
    expect(await (await open(where)).getOrSet('k', () => 2)).toBe(1);
    await cache.close();
    opened.splice(opened.indexOf(cache), 1);
    expect(await client.ping()).toBe('PONG');
    client.disconnect();
  });
});

describe('a server that refuses', () => {
  afterEach(async () => {
    await redis.command('CONFIG', 'SET', 'maxmemory', '0');
  });

  test('to store, being full, goes on giving what it has, and hears of what is invalid', async () => {
    const where = namespace();
    const cache = await open(where);
    const down: unknown[] = [];
    cache.on('storeDown', (event) => down.push(event));
    let loads = 0;
    const values = cache.resource('value', cacheAside<string, number>({ load: () => (loads += 1), tags: ['t'] }));
    // On a busy machine a first read may have no time left to store what it loads.
    await waitUntil('it is stored', async () => (await values.get('kept')) > 0 && (await values.peek('kept')).hit);
    await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    for (let i = 0; i < 20; i += 1) await values.get(`cold ${i}`);
    expect(down).toEqual([]);
    expect(await values.peek('kept')).toMatchObject({ hit: true, tier: 'redis' });
    expect(await values.evict('kept')).toBe('done');
    expect(await cache.invalidateTags('t')).toBe('done');
    expect(await values.peek('kept')).toEqual({ hit: false });
  });

  test('all but what is needed, by its access rules, is used as any other', async () => {
    const where = namespace();
    const rules = ['~' + where + ':*', '+mget', '+evalsha', '+eval', '+@read', '+@write', '+time'];
    await redis.command('ACL', 'SETUSER', 'app', 'on', '>secret', ...rules);
    const url = redis.url.replace('redis://', 'redis://app:secret@');
    const cache = await open(where, [redisStore({ url })]);
    const values = cache.resource('value', cacheAside<string, number>({ load: () => 1, tags: ['t'] }));
    expect(await values.get('k')).toBe(1);
    expect(await values.peek('k')).toMatchObject({ hit: true });
    expect(await values.mutate('k', () => 2)).toBe(2);
    expect([await values.evict('k'), await cache.invalidateTags('t'), await values.clear()]).toEqual([
      'done',
      'done',
      'done',
    ]);
  });
});

describe('misuse', () => {
  test('is refused at construction, without repeating what may be a password', () => {
    expect(() => redisStore({})).toThrow(/either `url`.*or `client`/);
    expect(() => redisStore({ url: 'http://user:secret@x' })).toThrow(/must begin with 'redis:\/\/'/);
    expect(() => redisStore({ url: 'http://user:secret@x' })).not.toThrow(/secret/);
    expect(() => redisStore({ url: redis.url, deadline: '0ms' })).toThrow(/longer than zero/);
    expect(() => redisStore({ url: redis.url, dedline: 5 } as never)).toThrow(/did you mean 'deadline'/);
    expect(() => redisStore({ url: 'redis+sentinel://x' })).toThrow(/Sentinel and Cluster are reached by `client`/);
    expect(() => redisStore({ client: {} as never })).toThrow(/must be a client, sentinel or cluster of node-redis/);
    expect(() => redisStore({ client: createClientPool() as never })).toThrow(/give the client that it is made of/);
    const address = 'redis://user:secret@x' as never;
    expect(() => redisStore({ client: address })).toThrow(/an address goes to `url`/);
    expect(() => redisStore({ client: address })).not.toThrow(/secret/);
  });
});
