import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Cache } from '@cache/core';
import express, { type Express } from 'express';
import { type Options, rateLimit } from 'express-rate-limit';
import request from 'supertest';
import { rateLimits, rateLimitStore, type RateLimitStoreOptions } from '../../src/rate-limit.ts';

/** What a cache to count in, and its time, are. */
export interface Place {
  readonly cache: Cache;
  elapse(ms: number): Promise<unknown>;
}

/** Long enough for a handful of requests on a busy machine. */
const window = 3_000;

/** An app behind express-rate-limit, and what the library has to say of how it is used. */
export function limited(
  cache: Cache,
  options: Partial<RateLimitStoreOptions> = {},
  more: Partial<Options> = {},
): { app: Express; store: ReturnType<typeof rateLimitStore>; said: string[] } {
  const app = express();
  app.set('env', 'test');
  const said: string[] = [];
  const say = (...words: unknown[]): void => void said.push(words.map(String).join(' '));
  const store = rateLimitStore({ cache, name: 'api', ...options });
  const limiter = {
    windowMs: window,
    limit: 3,
    standardHeaders: 'draft-8',
    logger: { warn: say, error: say },
  } as const;
  app.use(rateLimit({ ...limiter, store, ...more }));
  app.get('/', (req, res) => void res.status(Number(req.query['status'] ?? 200)).send('ok'));
  return { app, store, said };
}

/** The statuses of so many requests, one after the other. */
export async function statuses(app: Express, times: number, path = '/', as = 'ann'): Promise<number[]> {
  const got: number[] = [];
  for (let time = 0; time < times; time += 1) got.push((await request(app).get(path).set('x-user', as)).status);
  return got;
}

/** The tests that limits pass wherever they are counted. */
export function limitsIn(open: () => Promise<Place>): void {
  let place: Place;
  beforeEach(async () => {
    place = await open();
  });
  afterEach(() => place.cache.close());

  test('express-rate-limit, fixed and sliding: as many pass as the limit says', async () => {
    const limiters = (['fixed', 'sliding'] as const).map((algorithm) =>
      limited(place.cache, { algorithm, name: algorithm }),
    );
    for (const { app } of limiters) expect(await statuses(app, 5)).toEqual([200, 200, 200, 429, 429]);
    await place.elapse(window + window / 8);
    for (const { app } of limiters) expect(await statuses(app, 1)).toEqual([200]);
    expect(limiters.map(({ said }) => said)).toEqual([[], []]);
  });

  test('the library finds nothing to say, with two limiters on one cache', async () => {
    const { app, said } = limited(place.cache, {}, { legacyHeaders: true, skipFailedRequests: true });
    const second = limited(place.cache, { name: 'second', algorithm: 'sliding' }, { limit: 10 });
    app.use(second.app);
    const answer = await request(app).get('/');
    expect(answer.headers).toMatchObject({ 'x-ratelimit-limit': '3', 'x-ratelimit-remaining': '2' });
    await request(app).get('/?status=500');
    expect([said, second.said]).toEqual([[], []]);
  });

  test('a refusal says when to come again', async () => {
    const { app } = limited(place.cache, {}, { windowMs: 60_000 });
    await statuses(app, 3);
    const answer = await request(app).get('/').expect(429);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(55);
    expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(answer.headers['ratelimit']).toMatch(/; r=0; t=\d+$/);
  });

  test('requests that are not to count are taken back', async () => {
    const { app, store } = limited(
      place.cache,
      {},
      { windowMs: 60_000, skipFailedRequests: true, keyGenerator: () => 'k' },
    );
    expect(await statuses(app, 4, '/?status=500')).toEqual([500, 500, 500, 500]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await store.get('k')).toBeUndefined();
    expect(await statuses(app, 2)).toEqual([200, 200]);
    expect(await store.get('k')).toMatchObject({ totalHits: 2, resetTime: expect.any(Date) });
  });

  test('a key, and all keys, can be reset', async () => {
    const { app, store } = limited(place.cache, {}, { windowMs: 60_000, keyGenerator: (req) => req.get('x-user')! });
    await statuses(app, 4);
    await statuses(app, 4, '/', 'ben');
    await store.resetKey('ann');
    expect([await statuses(app, 1), await statuses(app, 1, '/', 'ben')]).toEqual([[200], [429]]);
    await store.resetAll();
    expect(await statuses(app, 1, '/', 'ben')).toEqual([200]);
  });

  test.each(['', '*', 'a\r\nb', '\0', '\uD800', '__proto__', 'x'.repeat(100_000)])(
    '%#: a key is any text',
    async (key) => {
      const { app } = limited(place.cache, {}, { windowMs: 60_000, keyGenerator: () => key });
      expect(await statuses(app, 4)).toEqual([200, 200, 200, 429]);
    },
  );

  test.each([NaN, -5, Infinity])('a window of %p is an error, and lets nobody pass uncounted', async (windowMs) => {
    const { app } = limited(place.cache, {}, { windowMs });
    expect(await statuses(app, 1)).toEqual([500]);
  });

  test('an infinite limit of the library is none', async () => {
    const { app } = limited(place.cache, { algorithm: 'sliding' }, { limit: Infinity });
    expect(await statuses(app, 5)).toEqual([200, 200, 200, 200, 200]);
  });

  test('several limits are checked at once, and a refusal counts on none', async () => {
    const app = express();
    app.use(
      rateLimits({
        cache: place.cache,
        limits: {
          everybody: { limit: 5, window: '1m', key: () => 'all' },
          user: { limit: 2, window: '1h', key: (req) => req.get('x-user'), algorithm: 'fixed' },
        },
      }),
    );
    app.get('/', (_req, res) => void res.send('ok'));
    expect(await statuses(app, 4)).toEqual([200, 200, 429, 429]);
    expect(await statuses(app, 3, '/', 'ben')).toEqual([200, 200, 429]);
    const last = await request(app).get('/').set('x-user', 'eve').expect(200);
    expect(last.headers['ratelimit-policy']).toBe('"everybody";q=5;w=60, "user";q=2;w=3600');
    expect(last.headers['ratelimit']).toMatch(/^"everybody";r=0;t=\d+, "user";r=1;t=3600$/);
    const refused = await request(app).get('/').set('x-user', 'eve').expect(429);
    expect(refused.text).toBe('Too many requests, please try again later.');
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(64);
    expect(refused.headers['ratelimit']).toContain('"user";r=1');
  });

  test('a limit can depend on who asks, and leave some alone', async () => {
    const app = express();
    const of: Record<string, number> = { ann: 1, root: Infinity, eve: 0 };
    app.use(
      rateLimits({
        cache: place.cache,
        limits: {
          user: {
            limit: async (req) => of[req.get('x-user') ?? ''] ?? 2,
            window: '1m',
            key: (req) => (req.get('x-user') === 'health' ? null : req.get('x-user')),
          },
        },
        handler: (_req, res) => res.json({ error: 'slowly' }),
      }),
    );
    app.get('/', (_req, res) => void res.send('ok'));
    expect(await statuses(app, 2)).toEqual([200, 429]);
    expect(await statuses(app, 3, '/', 'root')).toEqual([200, 200, 200]);
    expect(await statuses(app, 3, '/', 'health')).toEqual([200, 200, 200]);
    const refused = await request(app).get('/').set('x-user', 'eve').expect(429, { error: 'slowly' });
    expect(refused.headers['retry-after']).toBe('60');
  });

  test.each([NaN, -1, 2.5, '10'])('a limit that turns out to be %p is an error', async (limit) => {
    const app = express();
    app.set('env', 'test');
    app.use(
      rateLimits({
        cache: place.cache,
        limits: { user: { limit: () => limit as number, window: '1m', key: () => 'k' } },
      }),
    );
    app.get('/', (_req, res) => void res.send('ok'));
    expect(await statuses(app, 1)).toEqual([500]);
  });
}
