import compression from 'compression';
import { gunzipSync } from 'node:zlib';
import { type ErrorRequestHandler, Router } from 'express';
import { describe, expect, test } from '@jest/globals';
import { createCache, type SharedSpace, type SharedStore } from '@cache/core';
import request from 'supertest';
import type { CacheResponseOptions } from '../src/index.ts';
import { cacheResponse } from './support/opted-in.ts';
import { warnings } from './support/quiet.ts';
import { frameworks, settled, Stage, until, versions } from './support/stage.ts';

const told = warnings();

/** A page that says how often it was made. */
function counting(
  framework: (typeof versions)[0][1],
  headers: Record<string, string> = {},
  extra: Partial<CacheResponseOptions> = {},
): Stage {
  const stage = new Stage(framework);
  stage.app.get('/', cacheResponse({ cache: stage.cache, ttl: '1m', ...extra }), (_req, res) => {
    stage.runs += 1;
    res.set(headers).send(`run ${stage.runs}`);
  });
  return stage;
}

/** A shared store that cannot be reached. */
const deadStore: SharedStore = {
  name: 'dead',
  scope: 'shared',
  capabilities: { conditionalFill: true },
  deadline: 100,
  open: () =>
    new Proxy({} as SharedSpace, {
      get: (_target, method) => (method === 'reset' ? () => undefined : () => Promise.reject(new Error('gone'))),
    }),
};

describe.each(versions)('%s', (_name, framework) => {
  test('a response is served with its age until it is no longer fresh', async () => {
    const stage = counting(framework);
    await stage.fetch('/');
    await stage.clock.advance(18_000);
    const { headers, body } = await stage.fetch('/');
    expect([headers.age, headers['cache-status'], String(body)]).toEqual(['18', 'shop; hit; ttl=42', 'run 1']);
    await stage.clock.advance(42_000);
    expect(String((await stage.fetch('/')).body)).toBe('run 2');
  });

  test.each([
    ['max-age=10', 10],
    ['s-maxage=20, max-age=10', 20],
    ['public', 60],
    ['max-age="30"', 30],
    ['max-age=99999999999999', 2 ** 31],
  ])('%s is fresh for %d seconds, and the client sees it as the handler said it', async (value, seconds) => {
    const stage = counting(framework, { 'Cache-Control': value });
    await stage.fetch('/');
    const { headers } = await stage.fetch('/');
    expect(headers['cache-status']).toBe(`shop; hit; ttl=${seconds}`);
    expect(headers['cache-control']).toBe(value);
  });

  test.each(['max-age=0', 'max-age=-1', 'max-age=1.5', 'max-age=x', 'max-age', 's-maxage=0, max-age=60'])(
    '%s is not fresh at all',
    async (value) => {
      const stage = counting(framework, { 'Cache-Control': value });
      await stage.fetch('/');
      expect(String((await stage.fetch('/')).body)).toBe('run 2');
    },
  );

  test('without a ttl only what names its freshness is kept', async () => {
    expect(await counting(framework, {}, { ttl: undefined as never }).status('/')).toContain('detail=stale');
    expect(
      await counting(framework, { 'Cache-Control': 'max-age=9' }, { ttl: undefined as never }).status('/'),
    ).toContain('stored');
  });

  test('a silent handler’s client gets no Cache-Control from the cache', async () => {
    const stage = counting(framework);
    await stage.fetch('/');
    expect((await stage.fetch('/')).headers['cache-control']).toBeUndefined();
  });

  test('a response that is old already has its age counted', async () => {
    const headers = { 'Cache-Control': 'max-age=60', Age: '20' };
    const stage = counting(framework, headers);
    await stage.fetch('/');
    await stage.clock.advance(5_000);
    const answer = await stage.fetch('/');
    expect([answer.headers.age, answer.headers['cache-status']]).toEqual(['25', 'shop; hit; ttl=35']);
    const old = counting(framework, { ...headers, Age: '60' });
    await old.fetch('/');
    expect(String((await old.fetch('/')).body)).toBe('run 2');
  });

  test('HEAD is answered from what GET has stored, and stores nothing itself', async () => {
    const stage = counting(framework);
    expect(await stage.status('/', {}, 'HEAD')).toBe('shop; fwd=uri-miss');
    expect(stage.runs).toBe(1);
    const got = await stage.fetch('/');
    const head = await stage.fetch('/', {}, 'HEAD');
    expect(stage.runs).toBe(2);
    expect(head.body).toHaveLength(0);
    expect(head.headers['cache-status']).toBe('shop; hit; ttl=60');
    for (const name of ['content-type', 'content-length', 'etag']) expect(head.headers[name]).toBe(got.headers[name]);
  });

  test('HEAD tells the length of what was streamed', async () => {
    const stage = new Stage(framework);
    stage.app.get('/', cacheResponse({ cache: stage.cache, ttl: '1m' }), (_req, res) => {
      res.write('123');
      res.end('456');
    });
    await stage.fetch('/');
    expect((await stage.fetch('/', {}, 'HEAD')).headers['content-length']).toBe('6');
  });

  test('a client that has the response is told so, from the cache and not from the handler', async () => {
    const stage = counting(framework, { 'Content-Language': 'en', 'Cache-Control': 'max-age=60' });
    const { headers } = await stage.fetch('/', { 'if-none-match': '"something else"' });
    const again = await stage.fetch('/', { 'if-none-match': headers.etag! });
    expect([again.status, again.message, again.body.length]).toEqual([304, 'Not Modified', 0]);
    expect(again.headers).toMatchObject({ etag: headers.etag, 'cache-control': 'max-age=60', age: '0' });
    expect(again.headers).not.toHaveProperty('content-type');
    expect(again.headers).not.toHaveProperty('content-length');
    expect(again.headers).not.toHaveProperty('content-language');
    expect((await stage.fetch('/', { 'if-none-match': '"other"' })).status).toBe(200);
  });

  test('a condition on a miss does not keep the response from being whole', async () => {
    const stage = counting(framework);
    const { etag } = (await stage.fetch('/')).headers;
    await stage.cache.clear();
    stage.runs = 0;
    expect((await stage.fetch('/', { 'if-none-match': etag! })).status).toBe(200);
    expect(String((await stage.fetch('/')).body)).toBe('run 1');
  });

  test('fields that are about one connection are not stored', async () => {
    const stage = counting(framework, { Connection: 'x-hop', 'X-Hop': '1', 'Keep-Alive': 'timeout=9', Upgrade: 'h2c' });
    expect((await stage.fetch('/')).headers['x-hop']).toBe('1');
    const { headers } = await stage.fetch('/');
    expect(headers['cache-status']).toContain('hit');
    for (const name of ['x-hop', 'keep-alive', 'upgrade']) expect(headers[name]).toBeUndefined();
  });

  test('what caches nearer to the origin did is told before what this one did', async () => {
    const stage = counting(framework, { 'Cache-Status': 'origin; hit' }, { name: 'edge' });
    expect(await stage.status('/')).toBe('origin; hit, edge; fwd=uri-miss; stored');
    expect(await stage.status('/')).toBe('origin; hit, edge; hit; ttl=60');
  });

  test('a body that is too large is streamed, not kept, and nobody waits for it again', async () => {
    const stage = new Stage(framework);
    let carryOn = (): void => undefined;
    const large = Buffer.alloc(70_000, 'x');
    stage.app.get('/', cacheResponse({ cache: stage.cache, ttl: '1m', maxEntrySize: '64kb' }), (_req, res) => {
      stage.runs += 1;
      res.write(large);
      carryOn = () => res.end('end');
    });
    const first = stage.fetch('/');
    await until(() => stage.runs === 1);
    const second = stage.fetch('/');
    // It is known to be too large, so the second request runs the handler while the first is still being answered.
    await until(() => stage.runs === 2);
    carryOn();
    expect((await second).body).toHaveLength(70_003);
    expect((await second).headers['cache-status']).toContain('detail=hit-for-miss');
    first.catch(() => undefined);
  });

  test('an announced length that is too large is not kept, and one that is not kept to neither', async () => {
    const stage = new Stage(framework);
    const middleware = cacheResponse({ cache: stage.cache, ttl: '1m', maxEntrySize: 100 });
    stage.app.get('/large', middleware, (_req, res) => void res.send('x'.repeat(101)));
    stage.app.get('/fits', middleware, (_req, res) => void res.send('x'.repeat(100)));
    expect(await stage.status('/large')).toBe('shop; fwd=uri-miss; detail=size');
    await stage.fetch('/fits');
    expect(await stage.status('/fits')).toContain('hit');
    stage.app.get('/short', middleware, (_req, res) => {
      stage.runs += 1;
      res.setHeader('Content-Length', 10);
      res.end('short');
    });
    for (const runs of [1, 2]) {
      await stage.raw('GET /short HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
      expect(stage.runs).toBe(runs);
    }
  });

  test('mounted twice, the outer one is the cache', async () => {
    const stage = new Stage(framework);
    const middleware = cacheResponse({ cache: stage.cache, ttl: '1m' });
    const router = Router();
    router.get('/page', middleware, cacheResponse({ cache: stage.cache, ttl: '2m' }), (_req, res) => {
      stage.runs += 1;
      res.send('ok');
    });
    stage.app.use(middleware, router);
    expect(await stage.status('/page')).toBe('shop; fwd=uri-miss; stored');
    expect(await stage.status('/page')).toBe('shop; hit; ttl=60');
    expect(stage.runs).toBe(1);
  });

  test('mounted below a path, the path counts', async () => {
    const stage = new Stage(framework);
    const router = Router();
    router.get('/page', cacheResponse({ cache: stage.cache, ttl: '1m' }), (req, res) => void res.send(req.baseUrl));
    stage.app.use('/a', router);
    stage.app.use('/b', router);
    expect(String((await stage.fetch('/a/page')).body)).toBe('/a');
    expect(String((await stage.fetch('/b/page')).body)).toBe('/b');
    expect(String((await stage.fetch('/a/page')).body)).toBe('/a');
  });

  test('tags find the response, by what the middleware’s own path says', async () => {
    const stage = new Stage(framework);
    const router = Router();
    router.get('/page', (_req, res) => void res.send('ok'));
    const tags: CacheResponseOptions<{ id: string }>['tags'] = (req, res) => [
      `user:${req.params.id}:${res.statusCode}`,
    ];
    stage.app.use('/users/:id', cacheResponse<{ id: string }>({ cache: stage.cache, ttl: '1m', tags }), router);
    await stage.fetch('/users/7/page');
    await stage.fetch('/users/8/page');
    await stage.cache.invalidateTags('user:7:200');
    expect(await stage.status('/users/7/page')).toContain('miss');
    expect(await stage.status('/users/8/page')).toContain('hit');
  });

  test.each<[string, () => string[]]>([
    [
      'throw',
      () => {
        throw new Error('no tags today');
      },
    ],
    ['are none', () => 'user' as never],
    ['are too long', () => ['x'.repeat(201)]],
    ['come later', () => Promise.resolve(['user']) as never],
  ])('tags that %s leave the answer as it is, and nothing is stored', async (_what, tags) => {
    const stage = counting(framework, {}, { tags });
    for (const run of [1, 2, 3]) expect(String((await stage.fetch('/')).body)).toBe(`run ${run}`);
    expect(told).toEqual([
      expect.stringMatching(/^a response is not cached, since its tags are not known: \w*Error: /),
    ]);
  });

  test('a cache whose store is dead never fails a request', async () => {
    const cache = createCache({ tiers: [deadStore] });
    const stage = new Stage(framework);
    stage.app.get('/', cacheResponse({ cache, ttl: '1m' }), (_req, res) => void res.send('ok'));
    const server = stage.server;
    for (let time = 0; time < 8; time += 1) await request(server).get('/').expect(200, 'ok');
    await request(server).head('/').expect(200);
  });

  test('a cache that is closed leaves requests to the handler', async () => {
    const stage = counting(framework);
    await stage.fetch('/');
    await stage.cache.close();
    expect(await stage.status('/')).toBe('shop; fwd=bypass; detail=error');
    expect(await stage.status('/', {}, 'HEAD')).toBe('shop; fwd=bypass; detail=error');
  });

  test('an error of the handler reaches Express as ever', async () => {
    const stage = new Stage(framework);
    stage.app.get('/', cacheResponse({ cache: stage.cache, ttl: '1m' }), () => {
      throw new Error('broken');
    });
    const onError: ErrorRequestHandler = (error, _req, res, _next) => void res.status(500).send(String(error));
    stage.app.use(onError);
    for (let time = 0; time < 2; time += 1) {
      const { status, body } = await stage.fetch('/');
      expect([status, String(body)]).toEqual([500, 'Error: broken']);
    }
  });

  test('an error between the headers and the body does not become the body of the response', async () => {
    const stage = new Stage(framework);
    stage.app.get('/', cacheResponse({ cache: stage.cache, ttl: '1m' }), (_req, res) => {
      stage.runs += 1;
      res.statusMessage = stage.runs === 1 ? 'split\r\nin two' : 'OK';
      res.send('fine');
    });
    const onError: ErrorRequestHandler = (_error, _req, res, _next) => {
      res.statusMessage = 'Oops';
      res.end('oops');
    };
    stage.app.use(onError);
    await stage.fetch('/').catch(() => undefined);
    await settled();
    expect(String((await stage.fetch('/')).body)).toBe('fine');
  });

  test('two caches do not know of each other', async () => {
    const stage = counting(framework);
    const other = createCache({ namespace: '7th' });
    stage.app.get('/other', cacheResponse({ cache: other, ttl: '1m' }), (_req, res) => void res.send('ok'));
    await stage.fetch('/');
    expect(await stage.status('/other')).toBe('"7th"; fwd=uri-miss; stored');
  });
});

// In front of Express these do not run for a hit.
describe.each(frameworks)('middleware before the cache, %s', (_name, framework) => {
  test('fields of earlier middleware are those of the request that is answered', async () => {
    const stage = new Stage(framework);
    let id = 0;
    stage.app.use((req, res, next) => {
      res.set({ 'X-Request-Id': String((id += 1)), 'Access-Control-Allow-Origin': req.get('origin') ?? 'none' });
      next();
    });
    stage.app.get('/', cacheResponse({ cache: stage.cache, ttl: '1m' }), (_req, res) => void res.send('ok'));
    await stage.fetch('/', { origin: 'https://a.example' });
    const { headers } = await stage.fetch('/', { origin: 'https://b.example' });
    expect(headers['cache-status']).toContain('hit');
    expect(headers).toMatchObject({ 'x-request-id': '2', 'access-control-allow-origin': 'https://b.example' });
  });

  test('compression before the cache or after it gives the same text', async () => {
    const text = 'the same text again and again. '.repeat(100);
    const before = new Stage(framework);
    before.app.use(compression());
    before.app.get('/', cacheResponse({ cache: before.cache, ttl: '1m' }), (_req, res) => void res.send(text));
    const after = new Stage(framework);
    after.app.get('/', cacheResponse({ cache: after.cache, ttl: '1m' }), compression(), (_req, res) => {
      res.send(text);
    });
    for (const stage of [before, after]) {
      for (const status of ['uri-miss', 'hit']) {
        const zipped = await stage.fetch('/', { 'accept-encoding': 'gzip' });
        expect(zipped.headers['cache-status']).toContain(status);
        expect(zipped.headers['content-encoding']).toBe('gzip');
        expect(String(gunzipSync(zipped.body))).toBe(text);
      }
      const plain = await stage.fetch('/');
      expect(plain.headers['content-encoding']).toBeUndefined();
      expect(String(plain.body)).toBe(text);
    }
  });
});
