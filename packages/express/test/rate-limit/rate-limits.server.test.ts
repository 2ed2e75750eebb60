import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import type { Cache, CacheEvents } from '@cache/core';
import { startProgram } from '@cache/servers';
import express, { type Express } from 'express';
import { rateLimits, type RateLimitsOptions } from '../../src/rate-limit.ts';
import { OnRedis } from '../support/on-redis.ts';
import { limited, limitsIn, statuses } from './behaviour.ts';
import type { Round } from './hits.process.ts';

const here = new OnRedis();
const open = (deadline?: number): Promise<Cache> => here.open({ tiers: [here.store(deadline)] });

describe('limits in Redis', () => {
  limitsIn(async () => ({ cache: await open(1_000), elapse: (ms) => delay(ms) }));
});

test('of 8 processes with 1 000 hits each, exactly as many pass as the limit says', async () => {
  const starts = Array.from({ length: 8 }, async () => {
    const child = await startProgram(join(__dirname, 'hits.process.ts'), here.redis.url);
    await once(child, 'message');
    return child;
  });
  const children = await Promise.all(starts);
  const passed: number[] = [];
  for (const algorithm of ['fixed', 'sliding'] as const) {
    const told = children.map((child) => once(child, 'message'));
    for (const child of children) child.send({ algorithm, limit: 1_234 } satisfies Round);
    passed.push((await Promise.all(told)).reduce((sum, [count]) => sum + (count as number), 0));
  }
  expect(passed).toEqual([1_234, 1_234]);
  const ended = children.map((child) => once(child, 'exit'));
  for (const child of children) child.disconnect();
  expect((await Promise.all(ended)).map(([code]) => code as number)).toEqual(Array(8).fill(0));
});

function appWith(cache: Cache, more: Partial<RateLimitsOptions> = {}): Express {
  const app = express();
  app.set('env', 'test');
  const limits = {
    user: { limit: 2, window: '1m', key: (req) => req.get('x-user') },
  } satisfies RateLimitsOptions['limits'];
  app.use(rateLimits({ cache, limits, ...more }));
  app.get('/', (_req, res) => void res.send('ok'));
  return app;
}

const away: [string, () => Promise<void>, () => Promise<void>][] = [
  ['frozen', () => here.redis.freeze(), () => here.redis.thaw()],
  ['dead', () => here.redis.kill(), () => here.redis.restart()],
];

describe.each(away)('while Redis is %s', (_, go, come) => {
  test.each([
    ['open', [200, 200, 200, 200]],
    ['closed', [503, 503, 503, 503]],
    ['local', [200, 200, 429, 429]],
  ] as const)('the policy %s decides, within the deadline', async (onOutage, expected) => {
    const cache = await open();
    const uncounted: CacheEvents['uncounted'][] = [];
    cache.on('uncounted', (event) => void uncounted.push(event));
    const apps = [appWith(cache, { onOutage }), limited(cache, { onOutage }, { limit: 2, windowMs: 60_000 }).app];
    for (const app of apps) expect(await statuses(app, 1, '/', 'warm-up')).toEqual([200]);
    await go();
    try {
      for (const app of apps) {
        const begun = performance.now();
        expect(await statuses(app, 4)).toEqual(expected);
        expect(performance.now() - begun).toBeLessThan(3_000);
      }
    } finally {
      await come();
    }
    expect(uncounted).toHaveLength(8);
    expect(uncounted[0]).toMatchObject({ counters: 'limits', policy: onOutage, error: { name: 'CacheError' } });
  });
});

test('after an outage all processes count together again', async () => {
  const [one, two] = [await open(), await open()];
  const apps = [appWith(one), appWith(two)];
  await here.redis.kill();
  for (const app of apps) expect(await statuses(app, 3)).toEqual([200, 200, 429]);
  const up = [one, two].map((cache) => new Promise<void>((resolve) => cache.on('storeUp', () => resolve())));
  // Enough failures for the breakers to open.
  for (const app of apps) await statuses(app, 5);
  await here.redis.restart();
  await Promise.all(up);
  expect([await statuses(apps[0]!, 1, '/', 'ben'), await statuses(apps[1]!, 2, '/', 'ben')]).toEqual([
    [200],
    [200, 429],
  ]);
});

test('what cannot be counted, since something foreign is there, is for the policy to decide', async () => {
  const cache = await open();
  const quota = { key: 'k', window: 60_000, algorithm: 'fixed', limit: 2, countRefused: false } as const;
  const counters = cache.counters('c', { onOutage: 'closed' });
  const at = `${here.namespace}:c:c:{g}:k:fixed:60000`;
  for (const words of [
    ['LPUSH', at, 'x'],
    ['SET', at, 'words'],
  ]) {
    await here.redis.command(...words);
    await expect(counters.hit('g', [quota])).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    await counters.reset('g', quota);
    expect((await counters.hit('g', [quota])).usages[0]!.hits).toBe(1);
    await counters.reset('g', quota);
  }
});

test('a window that lost its end, or has one too far away, gets a new one', async () => {
  const cache = await open();
  const quota = { key: 'k', window: 60_000, algorithm: 'fixed', limit: 2, countRefused: false } as const;
  const counters = cache.counters('c');
  const at = `${here.namespace}:c:c:{g}:k:fixed:60000`;
  await counters.hit('g', [quota]);
  for (const words of [
    ['PERSIST', at],
    ['PEXPIRE', at, '3600000'],
  ]) {
    await here.redis.command(...words);
    expect((await counters.look('g', quota)).resetIn).toBe(60_000);
    expect(Number(await here.redis.command('PTTL', at))).toBeLessThanOrEqual(60_000);
  }
});

test('hits that came later than now, since the clock of Redis was set back, came now', async () => {
  const cache = await open();
  const quota = { key: 'k', window: 16_000, algorithm: 'sliding', limit: 2, countRefused: false } as const;
  const counters = cache.counters('c');
  const at = `${here.namespace}:c:c:{g}:k:sliding:16000`;
  await here.redis.command('HSET', at, String(Math.floor(Date.now() / 1_000) + 3_600), '2');
  const { allowed, usages } = await counters.hit('g', [quota]);
  expect(allowed).toBe(false);
  expect(usages[0]!.resetIn).toBeLessThanOrEqual(17_000);
  expect((await here.redis.command('HKEYS', at)).split('\n')).toHaveLength(1);
});

test('counters expire by themselves, so that a flood of keys is forgotten', async () => {
  const cache = await open(1_000);
  const counters = cache.counters('c');
  const quota = (key: string, algorithm: 'fixed' | 'sliding') =>
    ({ key, window: 200, algorithm, limit: 2, countRefused: false }) as const;
  await Promise.all(
    Array.from({ length: 500 }, (_, n) => counters.hit(`g${n}`, [quota('k', n % 2 ? 'fixed' : 'sliding')])),
  );
  await delay(400);
  expect(await here.redis.command('EVAL', "return #redis.call('KEYS', ARGV[1])", '0', `${here.namespace}:*`)).toBe('0');
});

test('a Redis that loses its scripts or all it has counts on', async () => {
  const app = appWith(await open());
  await statuses(app, 2);
  await here.redis.command('SCRIPT', 'FLUSH');
  expect(await statuses(app, 1)).toEqual([429]);
  await here.redis.command('FLUSHALL');
  expect(await statuses(app, 3)).toEqual([200, 200, 429]);
});
