import { expect, test } from '@jest/globals';
import { type Cache, memoryStore } from '@cache/core';
import { redisBus } from '@cache/core/redis';
import express from 'express';
import request from 'supertest';
import { cacheResponse, front, purgeRouter, warmResponses } from '../src/index.ts';
import { OnRedis } from './support/on-redis.ts';
import { Stage } from './support/stage.ts';

const here = new OnRedis();
const host = { host: 'shop.example' };

/** One of several processes with one app, a front before it, and memory before Redis. */
async function instance(): Promise<Stage & { entered: number; shop: Cache }> {
  const shop = await here.open({
    tiers: [memoryStore(), here.store()],
    bus: redisBus({ url: here.redis.url }),
  });
  const stage = Object.assign(new Stage(express), { entered: 0, shop });
  stage.app.use((_req, _res, next) => {
    stage.entered += 1;
    next();
  });
  stage.app.use('/cache', purgeRouter({ cache: shop, authorize: () => true }));
  stage.app.get('/page', cacheResponse({ cache: shop, ttl: '1m', front: true, tags: ['page'] }), (req, res) => {
    stage.runs += 1;
    res.vary('Accept-Language').send(`${req.get('accept-language')} run ${stage.runs}`);
  });
  stage.server.removeAllListeners('request').on('request', front(stage.app, { cache: shop }));
  return stage;
}

/** Whether a request is answered without Express. */
async function isInFront(stage: Awaited<ReturnType<typeof instance>>): Promise<boolean> {
  const { entered } = stage;
  await stage.fetch('/page', host);
  return stage.entered === entered;
}

/** Asks until the front answers: the client has its answer a little before the tiers have it. */
async function fill(stage: Awaited<ReturnType<typeof instance>>): Promise<void> {
  while (!(await isInFront(stage)));
}

test('what another process has stored comes through Express first, and then from the front', async () => {
  const [one, two] = [await instance(), await instance()];
  await fill(one);
  expect(await isInFront(two)).toBe(false);
  await fill(two);
  expect(two.runs).toBe(0);
});

test.each([
  ['URL', { urls: ['http://shop.example/page'] }],
  ['tag', { tags: ['page'] }],
  ['all', { all: true }],
])('what one process purges by %s the front of another one gives no more', async (_by, what) => {
  const [one, two] = [await instance(), await instance()];
  await fill(one);
  await fill(two);
  const { status, body } = await request(one.server).post('/cache').send(what);
  expect([status, body]).toMatchObject([200, { eviction: 'done' }]);
  // The bus takes a moment to tell it.
  while (two.runs === 0) await two.fetch('/page', host);
  expect(String((await two.fetch('/page', host)).body)).toBe('undefined run 1');
});

test('while Redis is frozen the front answers as ever, and a purge is pending and holds', async () => {
  const stage = await instance();
  await fill(stage);
  await here.redis.freeze();
  try {
    const begun = performance.now();
    for (let time = 0; time < 20; time += 1) expect(await isInFront(stage)).toBe(true);
    expect(performance.now() - begun).toBeLessThan(1_000);
    const { status, body } = await request(stage.server)
      .post('/cache')
      .send({ urls: ['http://shop.example/page'] });
    expect([status, body]).toMatchObject([202, { eviction: 'pending' }]);
    expect(String((await stage.fetch('/page', host)).body)).toBe('undefined run 2');
  } finally {
    await here.redis.thaw();
  }
  await stage.shop.ready();
  expect(String((await stage.fetch('/page', host)).body)).not.toBe('undefined run 1');
});

test('what was warmed in one process another one has too', async () => {
  const [one, two] = [await instance(), await instance()];
  const [warmed] = await warmResponses(one.app, ['http://shop.example/page']);
  expect(warmed).toMatchObject({ stored: true, status: 200 });
  await one.shop.close();
  expect(await two.status('/page', host)).toContain('hit');
  expect(two.runs).toBe(0);
});
