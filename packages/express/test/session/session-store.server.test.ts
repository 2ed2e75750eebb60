import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Cache, createCache, memoryStore } from '@cache/core';
import { redisStore } from '@cache/core/redis';
import { startProxy, type TcpProxy } from '@cache/servers';
import { createClient } from 'redis';
import request from 'supertest';
import { OnRedis } from '../support/on-redis.ts';
import { sessionsIn } from './behaviour.ts';
import { sessionFor, Site } from './site.ts';

const here = new OnRedis();

/** A process of the site. */
const process = (deadline?: number, url?: string): Promise<Cache> =>
  here.open({ tiers: [memoryStore(), here.store(deadline, url)] });

describe('sessions in Redis', () => {
  sessionsIn(async () => ({ cache: await process(1_000), elapse: (ms) => delay(ms) }));
});

describe('sessions of several processes', () => {
  test('a log-out holds for all of them at once', async () => {
    const [one, two] = [new Site(await process()), new Site(await process())];
    const here = request.agent(one.app);
    const { headers } = await here.post('/login/ann');
    const cookie = headers['set-cookie']![0]!;
    await request(two.app).get('/me').set('Cookie', cookie).expect(200, 'ann');
    await here.post('/logout').expect(200);
    await request(two.app).get('/me').set('Cookie', cookie).expect(200, 'nobody');
  });

  test('a session survives the process that made it', async () => {
    const first = await process();
    const { headers } = await request(new Site(first).app).post('/login/ann');
    await first.close();
    const next = new Site(await process());
    await request(next.app).get('/me').set('Cookie', headers['set-cookie']![0]!).expect(200, 'ann');
  });
});

describe('while Redis is', () => {
  const away: [string, () => Promise<void>, () => Promise<void>][] = [
    ['frozen', () => here.redis.freeze(), () => here.redis.thaw()],
    ['dead', () => here.redis.kill(), () => here.redis.restart()],
  ];

  test.each(away)('%s, every operation is an error within its deadline', async (_, go, come) => {
    const site = new Site(await process());
    await site.set('a', sessionFor('ann'));
    await go();
    try {
      const works: (() => Promise<unknown>)[] = [
        () => site.get('a'),
        () => site.set('a', sessionFor('ben')),
        () => site.touch('a', sessionFor('ann')),
        () => site.destroy('a'),
        () => site.all(),
        () => site.length(),
        () => site.clear(),
      ];
      for (const work of works) {
        const begun = performance.now();
        await expect(work()).rejects.toMatchObject({ code: expect.stringMatching(/^STORE_/), status: 503 });
        expect(performance.now() - begun).toBeLessThan(1_500);
      }
    } finally {
      await come();
    }
  });

  test('frozen, nobody is logged out, and after it all is as before', async () => {
    const cache = await process();
    const site = new Site(cache);
    const browser = request.agent(site.app);
    await browser.post('/login/ann');
    await here.redis.freeze();
    try {
      for (let time = 0; time < 7; time += 1) {
        const answer = await browser.get('/me');
        expect(answer.status).toBe(503);
        expect(answer.headers['set-cookie']).toBeUndefined();
      }
      await browser.post('/logout').expect(503);
    } finally {
      await here.redis.thaw();
    }
    const up = new Promise<void>((resolve) => cache.on('storeUp', () => resolve()));
    await up;
    await browser.get('/me').expect(200, 'ann');
    await browser.post('/logout').expect(200);
    await browser.get('/me').expect(200, 'nobody');
  });

  test('frozen from within a request on, the log-out in it is not said to be done', async () => {
    const site = new Site(await process());
    const browser = request.agent(site.app);
    await browser.post('/login/ann');
    site.app.post('/freeze-and-logout', async (req, res, next) => {
      await here.redis.freeze();
      req.session.destroy((error) => (error ? next(error) : res.send('bye')));
    });
    try {
      await browser.post('/freeze-and-logout').expect(503);
    } finally {
      await here.redis.thaw();
    }
  });

  test('reached by a socket that does not exist, it is an error too, and not a visitor without a session', async () => {
    const client = createClient({ socket: { path: '/nowhere/redis.sock', tls: false } });
    const cache = here.opened(createCache({ namespace: here.namespace, tiers: [redisStore({ client })] }));
    const site = new Site(cache);
    const failure: unknown = await site.get('a').catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'CacheError', status: 503 });
  });
});

describe('what a process could not save in time', () => {
  let proxy: TcpProxy;
  beforeEach(async () => {
    proxy = await startProxy({ target: here.redis.port });
  });
  afterEach(() => proxy.stop());

  test('does not bring a session back that another has destroyed meanwhile', async () => {
    const [slow, other] = [new Site(await process(150, proxy.through(here.redis.url))), new Site(await process())];
    for (const saves of ['the first', 'another'] as const) {
      proxy.delay(600, 'requests');
      await expect(slow.set(saves, sessionFor('ann'))).rejects.toMatchObject({ code: 'STORE_TIMEOUT', status: 503 });
      await other.destroy(saves);
      await delay(700);
      expect(await other.get(saves)).toBeNull();
      proxy.delay(0);
      await slow.set('in time', sessionFor('ben'));
      expect((await other.get('in time'))?.user).toBe('ben');
    }
  });

  test('does not overwrite either what another has saved since', async () => {
    const [slow, other] = [new Site(await process(150, proxy.through(here.redis.url))), new Site(await process())];
    await slow.set('a', sessionFor('ann'));
    const [changing, meanwhile] = [(await slow.get('a'))!, (await other.get('a'))!];
    proxy.delay(600, 'requests');
    await expect(slow.set('a', { ...changing, seen: 1 })).rejects.toMatchObject({ code: 'STORE_TIMEOUT' });
    await other.set('a', { ...meanwhile, seen: 2 });
    await delay(700);
    expect((await other.get('a'))?.seen).toBe(2);
  });

  test('stays unsaved when a frozen Redis goes on, and so does what waited on a wire that was cut', async () => {
    const site = new Site(await process(150, proxy.through(here.redis.url)));
    await site.set('known', sessionFor('ann'));
    await here.redis.freeze();
    try {
      await expect(site.set('frozen', sessionFor('ann'))).rejects.toMatchObject({ code: 'STORE_TIMEOUT' });
    } finally {
      await here.redis.thaw();
    }
    proxy.stall();
    await expect(site.set('stalled', sessionFor('ann'))).rejects.toMatchObject({ code: 'STORE_TIMEOUT' });
    proxy.resume();
    const other = new Site(await process());
    await delay(300);
    expect([await other.get('frozen'), await other.get('stalled')]).toEqual([null, null]);
    expect((await other.get('known'))?.user).toBe('ann');
  });

  test('it is told of, and is saved if it was only the answer that was lost', async () => {
    const [slow, other] = [new Site(await process(150, proxy.through(here.redis.url))), new Site(await process())];
    await slow.set('known', sessionFor('ann'));
    proxy.delay(400, 'replies');
    await expect(slow.set('a', sessionFor('ann'))).rejects.toMatchObject({ code: 'STORE_TIMEOUT' });
    expect((await other.get('a'))?.user).toBe('ann');
    await other.destroy('a');
    await delay(500);
    expect(await other.get('a')).toBeNull();
  });
});

describe('a Redis that', () => {
  test('has lost everything has no sessions, and takes new ones', async () => {
    const site = new Site(await process());
    const browser = request.agent(site.app);
    await browser.post('/login/ann');
    const slow = browser.post('/slow').then(({ text }) => text);
    await site.gate.arrived;
    await here.redis.command('FLUSHALL');
    site.gate.open();
    expect(await slow).toBe('done');
    await browser.get('/me').expect(200, 'nobody');
    await browser.post('/login/ann');
    await browser.get('/me').expect(200, 'ann');
  });

  test.each([
    ['another type', ['LPUSH', 'x'], 'STORE_REFUSED'],
    ['no JSON', ['SET', '{'], 'CORRUPT_FRAME'],
    ['no session', ['SET', '{"id":"a","session":null}'], 'CORRUPT_FRAME'],
    ['a session without a cookie', ['SET', '{"id":"a","session":{}}'], 'CORRUPT_FRAME'],
  ])('holds %s in the place of a session makes an error of it, which a new log-in ends', async (_, words, code) => {
    const site = new Site(await process());
    const [command, value] = words as [string, string];
    await here.redis.command(command, `${here.namespace}:r:session:{a}`, value);
    await expect(site.get('a')).rejects.toMatchObject({ code });
    await site.destroy('a');
    await site.set('a', sessionFor('ann'));
    expect((await site.get('a'))?.user).toBe('ann');
  });

  test('is full refuses a new session by an error, and knows the old ones', async () => {
    const site = new Site(await process());
    await site.set('a', sessionFor('ann'));
    await here.redis.command('CONFIG', 'SET', 'maxmemory', '1');
    try {
      await expect(site.set('b', sessionFor('ben'))).rejects.toMatchObject({ code: 'STORE_REFUSED', status: 503 });
      expect((await site.get('a'))?.user).toBe('ann');
      await site.destroy('a');
      expect(await site.get('a')).toBeNull();
    } finally {
      await here.redis.command('CONFIG', 'SET', 'maxmemory', '0');
    }
  });

  test('has 200 000 other keys in it is asked for the sessions page by page', async () => {
    const site = new Site(await process(1_000));
    await here.redis.command('EVAL', "for i = 1, 200000 do redis.call('SET', 'other:' .. i, 'x') end", '0');
    await Promise.all(Array.from({ length: 50 }, (_, at) => site.set(`s${at}`, sessionFor(String(at)))));
    expect(await site.length()).toBe(50);
    await site.clear();
    expect([await site.length(), await here.redis.command('EXISTS', 'other:7')]).toEqual([0, '1']);
    await here.redis.command('FLUSHALL');
  });
});
