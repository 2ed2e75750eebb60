import { describe, expect, test } from '@jest/globals';
import { type Cache, createCache } from '@cache/core';
import { ManualClock } from '@cache/core/testing';
import express from 'express';
import { rateLimits, rateLimitStore } from '../../src/rate-limit.ts';
import { limitsIn, statuses } from './behaviour.ts';

describe('limits in memory', () => {
  limitsIn(async () => {
    const clock = new ManualClock();
    return { cache: createCache({ clock }), elapse: (ms) => clock.advance(ms) };
  });
});

test('a clock that is set back does not hold anybody up', async () => {
  const clock = new ManualClock();
  const app = express();
  const limits = { user: { limit: 1, window: '1m', key: () => 'k' } } as const;
  app.use(rateLimits({ cache: createCache({ clock }), limits }));
  app.get('/', (_req, res) => void res.send('ok'));
  expect(await statuses(app, 2)).toEqual([200, 429]);
  clock.set(-3_600_000);
  await clock.advance(64_000);
  expect(await statuses(app, 1)).toEqual([200]);
});

const cache: Cache = createCache();
const key = (): string => 'k';

test.each([
  [{}, /cache is missing/],
  [{ cache }, /limits must name the limits/],
  [{ cache, limits: {} }, /limits must name the limits/],
  [{ cache, limits: { 'a"b': { limit: 1, window: 1, key } } }, /letters, digits/],
  [{ cache, limits: { a: { window: '1m', key } } }, /limits.a: limit is missing/],
  [{ cache, limits: { a: { limit: NaN, window: '1m', key } } }, /whole number of requests/],
  [{ cache, limits: { a: { limit: -1, window: '1m', key } } }, /whole number of requests/],
  [{ cache, limits: { a: { limit: 1, window: -1, key } } }, /not a duration/],
  [{ cache, limits: { a: { limit: 1, window: 0, key } } }, /longer than zero/],
  [{ cache, limits: { a: { limit: 1, window: Infinity, key } } }, /not a duration/],
  [{ cache, limits: { a: { limit: 1, window: '1m' } } }, /key is missing/],
  [{ cache, limits: { a: { limit: 1, window: '1m', key, algorithm: 'gcra' } } }, /'fixed' or 'sliding'/],
  [{ cache, limits: { a: { limit: 1, window: '1m', key } }, onOutage: 'pass' }, /'open' or 'closed' or 'local'/],
])('wrong options %# are refused with what to write', (options, sentence) => {
  expect(() => rateLimits(options as never)).toThrow(sentence);
});

test('a store for express-rate-limit needs a name', () => {
  expect(() => rateLimitStore({ cache } as never)).toThrow("name is missing; write name: 'login'");
});
