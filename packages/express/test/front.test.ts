import compression from 'compression';
import { gunzipSync } from 'node:zlib';
import express, { type RequestHandler } from 'express';
import { describe, expect, test } from '@jest/globals';
import { CacheError, createCache } from '@cache/core';
import { front, cacheResponse as plain } from '../src/index.ts';
import { cacheResponse } from './support/opted-in.ts';
import { warnings } from './support/quiet.ts';
import { inFront, settled, Stage } from './support/stage.ts';

const told = warnings();

/** An app that counts who enters it. */
class Counted extends Stage {
  entered = 0;

  constructor() {
    super(inFront);
    this.app.use((_req, _res, next) => {
      this.entered += 1;
      next();
    });
  }

  /** A page that says for which address it was made, and how often. */
  page(path: string, options: object = {}, headers: Record<string, string> = {}): this {
    this.app.get(path, cacheResponse({ cache: this.cache, ttl: '1m', ...options }), (req, res) => {
      this.runs += 1;
      res.set(headers).send(`${req.originalUrl} run ${this.runs}`);
    });
    return this;
  }

  /** Whether a request is answered without Express. */
  async isInFront(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<boolean> {
    const { entered } = this;
    await this.fetch(path, headers, method);
    return this.entered === entered;
  }
}

describe('a hit', () => {
  test('is answered before Express is entered, with all the fields that the app gave', async () => {
    const stage = new Counted();
    stage.app.use((_req, res, next) => {
      res.set('X-Frame-Options', 'DENY');
      next();
    });
    stage.page('/', {}, { 'Content-Language': 'en' });
    const first = await stage.fetch('/');
    await stage.clock.advance(10_000);
    const second = await stage.fetch('/');
    expect(stage.entered).toBe(1);
    expect(second.headers).toEqual({
      ...first.headers,
      // The first one came from Node, by the time there is; this one is what the age is counted from.
      date: new Date(stage.clock.now() - 10_000).toUTCString(),
      age: '10',
      'cache-status': 'shop; hit; ttl=50',
    });
    expect([second.status, second.message, second.body]).toEqual([first.status, first.message, first.body]);
  });

  test('tells its age and what is left anew each second', async () => {
    const stage = new Counted().page('/');
    await stage.fetch('/');
    for (const second of [1, 2, 3]) {
      await stage.clock.advance(1_000);
      for (let time = 0; time < 2; time += 1) {
        const { headers } = await stage.fetch('/');
        expect([headers.age, headers['cache-status']]).toEqual([String(second), `shop; hit; ttl=${60 - second}`]);
      }
    }
    expect(stage.entered).toBe(1);
  });

  test.each<[string, Record<string, string>, number, string]>([
    ['a range', { range: 'bytes=0-3' }, 206, '/pag'],
    ['a range beyond the end', { range: 'bytes=900-' }, 416, ''],
    ['a condition that holds', { 'if-none-match': '"a"' }, 304, ''],
    ['a condition that does not', { 'if-none-match': '"b"' }, 200, '/page run 1'],
    ['a date', { 'if-modified-since': 'Fri, 01 Jan 2100 00:00:00 GMT' }, 304, ''],
  ])('with %s gets no more than it asked for', async (_what, headers, status, body) => {
    const stage = new Counted().page('/page', {}, { ETag: '"a"' });
    await stage.fetch('/page');
    const answer = await stage.fetch('/page', headers);
    expect([answer.status, String(answer.body), stage.entered]).toEqual([status, body, 1]);
    expect(answer.headers['cache-status']).toBe('shop; hit; ttl=60');
    expect(answer.headers['x-powered-by']).toBe('Express');
  });

  test('by HEAD has the length of what GET would get', async () => {
    const stage = new Counted().page('/page');
    const { body } = await stage.fetch('/page');
    const head = await stage.fetch('/page', {}, 'HEAD');
    expect([head.headers['content-length'], head.body.length, stage.entered]).toEqual([String(body.length), 0, 1]);
  });

  test('is the variant that the request selects', async () => {
    const stage = new Counted();
    stage.app.get('/', cacheResponse({ cache: stage.cache, ttl: '1m' }), (req, res) => {
      res.vary('Accept-Language').send(`in ${req.get('accept-language')}`);
    });
    for (const language of ['de', 'en', 'de', 'en']) {
      const { body } = await stage.fetch('/', { 'accept-language': language });
      expect(String(body)).toBe(`in ${language}`);
    }
    expect(stage.entered).toBe(2);
  });

  test('goes by the rules that its route has for the query and for fields', async () => {
    const stage = new Counted().page('/list', { query: { allow: ['page'] }, vary: ['X-Tenant'] });
    for (const tenant of ['a', 'b']) {
      await stage.fetch('/list?page=1&utm=x', { 'x-tenant': tenant });
      const { headers, body } = await stage.fetch('/list?page=1&utm=x', { 'x-tenant': tenant });
      expect(headers['cache-status']).toContain('hit');
      expect(String(body)).toContain(`run ${stage.runs}`);
    }
    expect([stage.runs, stage.entered]).toEqual([2, 2]);
    expect(await stage.isInFront('/list?page=2&utm=x', { 'x-tenant': 'a' })).toBe(false);
  });

  test('is compressed where compression comes after the cache', async () => {
    const stage = new Counted();
    const text = 'the same text again and again. '.repeat(100);
    stage.app.get('/', cacheResponse({ cache: stage.cache, ttl: '1m' }), compression(), (_req, res) => {
      res.send(text);
    });
    for (let time = 0; time < 2; time += 1) {
      const zipped = await stage.fetch('/', { 'accept-encoding': 'gzip' });
      expect([zipped.headers['content-encoding'], String(gunzipSync(zipped.body))]).toEqual(['gzip', text]);
      expect(String((await stage.fetch('/')).body)).toBe(text);
    }
    expect(stage.entered).toBe(2);
  });

  test('is no longer one after an eviction, a clear, or the kill switch', async () => {
    const stage = new Counted().page('/', { tags: ['page'] });
    await stage.fetch('/');
    for (const end of [() => stage.cache.invalidateTags('page'), () => stage.cache.clear()]) {
      expect(await stage.isInFront('/')).toBe(true);
      await end();
      expect(await stage.isInFront('/')).toBe(false);
    }
    stage.cache.disable();
    expect(await stage.isInFront('/')).toBe(false);
  });
});

describe('enters Express', () => {
  test.each<[string, Record<string, string>]>([
    ['a cookie', { cookie: 'theme=dark' }],
    ['a cookie that is empty', { cookie: '' }],
    ['Authorization', { authorization: 'Bearer x' }],
    ['Authorization that is empty', { authorization: '' }],
    ['a precondition', { 'if-match': '"a"' }],
    ['a forged forwarding field', { 'x-forwarded-host': 'evil.example' }],
    ['a forged scheme', { 'x-forwarded-proto': 'https' }],
    ['a method in disguise', { 'x-http-method-override': 'DELETE' }],
    ['another Host', { host: 'evil.example' }],
    ['a Host that is none', { host: 'shop.example/evil' }],
  ])('a request with %s', async (_what, headers) => {
    const stage = new Counted().page('/');
    await stage.fetch('/');
    expect(await stage.isInFront('/')).toBe(true);
    expect(await stage.isInFront('/', headers)).toBe(false);
  });

  test.each(['POST', 'PUT', 'OPTIONS', 'PURGE'])('a request by %s', async (method) => {
    const stage = new Counted().page('/');
    await stage.fetch('/');
    expect(await stage.isInFront('/', {}, method)).toBe(false);
  });

  test.each([
    ['absolute form', 'GET http://evil.example/page HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'],
    ['a doubled slash', 'GET //page HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'],
    ['an encoded NUL', 'GET /page%00 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'],
    ['an encoded slash', 'GET /%2fpage HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'],
    ['content', 'GET /page HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx'],
    ['dots', 'GET /x/../page HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'],
    ['a path parameter', 'GET /page;x.css HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'],
    ['a second Host', 'GET /page HTTP/1.1\r\nHost: evil.example\r\nHost: localhost\r\nConnection: close\r\n\r\n'],
  ])('a head with %s, and what it is answered is for nobody else', async (_what, head) => {
    const stage = new Counted().page('/page');
    const own = 'GET /page HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
    await stage.raw(own);
    await stage.raw(own);
    expect(stage.entered).toBe(1);
    await stage.raw(head);
    expect(stage.entered).toBe(2);
    const answer = await stage.raw(own);
    expect(answer).toMatch(/\r\n\r\n\/page run 1$/);
    expect(stage.entered).toBe(2);
  });

  test.each([
    ['two lengths', 'Content-Length: 0\r\nContent-Length: 5'],
    ['a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked'],
  ])('nothing with %s, which is refused', async (_what, fields) => {
    const stage = new Counted().page('/page');
    await stage.fetch('/page');
    const answer = await stage.raw(`GET /page HTTP/1.1\r\nHost: localhost:${stage.port}\r\n${fields}\r\n\r\n`);
    expect([answer.slice(0, 12), stage.entered]).toEqual(['HTTP/1.1 400', 1]);
  });

  test('a request for a route that has not opted in', async () => {
    const stage = new Counted();
    stage.app.get('/', plain({ cache: stage.cache, ttl: '1m' }), (_req, res) => void res.send('ok'));
    await stage.fetch('/');
    expect(await stage.isInFront('/')).toBe(false);
    expect(await stage.status('/')).toContain('hit');
  });

  test('a request for a route of another cache', async () => {
    const stage = new Counted();
    const other = createCache({ namespace: 'other' });
    stage.app.get('/', plain({ cache: other, ttl: '1m', front: true }), (_req, res) => void res.send('ok'));
    await stage.fetch('/');
    expect(await stage.isInFront('/')).toBe(false);
  });

  test('a request whose URL middleware rewrites, since its response is of another key', async () => {
    const stage = new Counted();
    stage.app.use((req, _res, next) => {
      req.originalUrl = `/en${req.originalUrl}`;
      next();
    });
    stage.page('/');
    await stage.fetch('/');
    expect(await stage.isInFront('/')).toBe(false);
    expect(await stage.status('/')).toContain('hit');
  });

  test('a request for what is stale, which is replaced in the background', async () => {
    const stage = new Counted().page('/', { staleWhileRevalidate: '1m' });
    await stage.fetch('/');
    await stage.clock.advance(61_000);
    expect(String((await stage.fetch('/')).body)).toBe('/ run 1');
    await settled();
    const { entered } = stage;
    const { headers, body } = await stage.fetch('/');
    expect([String(body), stage.entered]).toEqual(['/ run 2', entered]);
    expect(headers['x-powered-by']).toBe('Express');
  });

  test.each<[string, object]>([
    ['with every answer', {}],
    ['with its first answers only', { once: true }],
  ])('a request whose route has a function that fails %s', async (_what, { once = false }: { once?: boolean }) => {
    const stage = new Counted();
    let calls = 0;
    const region = (value: string | undefined) => {
      calls += 1;
      if (!once || calls > 2) throw new Error('no such region');
      return value;
    };
    stage.page('/', { vary: { 'x-region': region } });
    for (let time = 0; time < 3; time += 1) {
      const { status, body } = await stage.fetch('/');
      expect([status, String(body)]).toEqual([200, `/ run ${time + 1}`]);
    }
    expect(stage.entered).toBe(3);
  });

  test('a request whose sender cannot be judged', async () => {
    const stage = new Counted().page('/');
    await stage.fetch('/');
    stage.app.set('trust proxy', () => {
      throw new Error('nobody knows');
    });
    expect(await stage.isInFront('/', { 'x-forwarded-proto': 'https' })).toBe(false);
    expect(await stage.isInFront('/')).toBe(true);
  });

  test('all requests, once the cache is closed', async () => {
    const stage = new Counted().page('/');
    await stage.fetch('/');
    await stage.cache.close();
    const { status, body } = await stage.fetch('/');
    expect([status, String(body), stage.entered]).toEqual([200, '/ run 2', 2]);
  });
});

describe('two users', () => {
  test('with cookies never meet in front', async () => {
    const stage = new Counted();
    stage.app.get('/me', cacheResponse({ cache: stage.cache, ttl: '1m' }), (req, res) => {
      res.send(req.get('cookie') ?? 'nobody');
    });
    for (let round = 0; round < 3; round += 1) {
      for (const user of ['alice', 'bob']) {
        expect(String((await stage.fetch('/me', { cookie: user })).body)).toBe(user);
      }
      expect(String((await stage.fetch('/me')).body)).toBe('nobody');
    }
  });

  test('found out by anything else end the front for that route, and somebody is told', async () => {
    const stage = new Counted();
    stage.app.use(((req: express.Request & { user?: unknown }, _res, next) => {
      req.user = req.get('x-api-key');
      next();
    }) as RequestHandler);
    stage.page('/shared').page('/other');
    await stage.fetch('/shared');
    expect(await stage.isInFront('/shared')).toBe(true);
    // It is another page of the route that gives it away.
    stage.app.get('/own/:id', cacheResponse({ cache: stage.cache, ttl: '1m' }), (req, res) => {
      stage.runs += 1;
      res.send(String((req as express.Request & { user?: unknown }).user));
    });
    await stage.fetch('/own/1');
    expect(await stage.isInFront('/own/1')).toBe(true);
    await stage.fetch('/own/2', { 'x-api-key': 'alice' });
    expect(await stage.isInFront('/own/1')).toBe(false);
    expect(told.join()).toMatch(/front answers no more for a route, since a request without Cookie/);
    expect(await stage.isInFront('/shared')).toBe(true);
  });

  test('of middleware that sets a cookie for each are given none of the other’s', async () => {
    const stage = new Counted();
    let visitors = 0;
    stage.app.use((_req, res, next) => {
      res.cookie('visitor', (visitors += 1));
      next();
    });
    stage.app.get('/', cacheResponse({ cache: stage.cache, ttl: '1m', mode: 'strict' }), (_req, res) => {
      res.send('ok');
    });
    await stage.fetch('/');
    expect((await stage.fetch('/')).headers['set-cookie']).toEqual(['visitor=2; Path=/']);
  });
});

test('behind a trusted proxy what it says is part of the key', async () => {
  const stage = new Counted();
  stage.app.set('trust proxy', true);
  stage.app.get('/', cacheResponse({ cache: stage.cache, ttl: '1m' }), (req, res) => {
    res.send(`${req.protocol}://${req.hostname}`);
  });
  const proxied = (host: string) => ({ 'x-forwarded-host': host, 'x-forwarded-proto': 'https' });
  for (const host of ['a.example', 'b.example', 'a.example', 'b.example']) {
    expect(String((await stage.fetch('/', proxied(host))).body)).toBe(`https://${host}`);
  }
  expect(stage.entered).toBe(2);
});

test('a flood of URLs leaves the hot ones in front, and the memory bounded', async () => {
  const stage = new Stage();
  let entered = 0;
  stage.app.use((_req, _res, next) => {
    entered += 1;
    next();
  });
  stage.app.get('/', plain({ cache: stage.cache, ttl: '1m', front: true }), (_req, res) => void res.send('ok'));
  const listener = front(stage.app, { cache: stage.cache, maxUrls: 10 });
  stage.server.removeAllListeners('request').on('request', listener);
  await stage.fetch('/?hot');
  for (let url = 0; url < 50; url += 1) {
    await stage.fetch(`/?${url}`);
    await stage.fetch('/?hot');
  }
  expect(entered).toBe(51);
});

describe('front refuses', () => {
  const cache = createCache();
  test.each<[string, () => unknown, string, RegExp]>([
    ['no app', () => front(undefined as never, { cache }), 'INVALID_OPTION', /takes an Express app and its cache/],
    [
      'a bare listener',
      () => front((() => {}) as never, { cache }),
      'INVALID_OPTION',
      /front\(express\(\), \{ cache \}\)/,
    ],
    ['no cache', () => front(express(), {} as never), 'INVALID_OPTION', /write cache: createCache\(\)/],
    ['no URLs', () => front(express(), { cache, maxUrls: 0 }), 'INVALID_OPTION', /whole number from 1/],
    ['other options', () => front(express(), { cache, scope: 1 } as never), 'UNKNOWN_OPTION', /'scope'/],
  ])('%s', (_what, call, code, sentence) => {
    expect(call).toThrow(CacheError);
    expect(call).toThrow(expect.objectContaining({ code }));
    expect(call).toThrow(sentence);
  });

  test.each(['scope', 'when', 'unless', 'key'])('a route with `%s`, which needs Express', (option) => {
    const call = () => plain({ cache, front: true, [option]: () => undefined });
    const sentence = `cacheResponse: front answers before Express is entered, so there is nothing that \`${option}\` could ask`;
    expect(call).toThrow(sentence);
  });
});
