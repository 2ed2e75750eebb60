import { describe, expect, test } from '@jest/globals';
import { createCache } from '@cache/core';
import type { RequestHandler } from 'express';
import request from 'supertest';
import { type CacheResponseOptions, purgeRouter, type PurgeRouterOptions } from '../src/index.ts';
import { cacheResponse } from './support/opted-in.ts';
import { warnings } from './support/quiet.ts';
import { Stage, versions } from './support/stage.ts';

const told = warnings();

type Framework = (typeof versions)[0][1];

/** A shop with pages, and a router to purge them for who knows the word. */
class Shop extends Stage {
  constructor(framework: Framework, options: Partial<PurgeRouterOptions> = {}) {
    super(framework);
    const authorize: PurgeRouterOptions['authorize'] = (req) => req.get('x-purge') === 'secret';
    const at = options.methods?.includes('PURGE') ? '/' : '/cache';
    this.app.use(at, purgeRouter({ cache: this.cache, authorize, ...options }) as RequestHandler);
  }

  page(path: string, options: Partial<CacheResponseOptions> = {}, headers: Record<string, string> = {}): this {
    this.app.get(path, cacheResponse({ cache: this.cache, ttl: '1m', ...options }), (_req, res) => {
      this.runs += 1;
      res.set(headers).send(`run ${this.runs}`);
    });
    return this;
  }

  async isCached(path: string, headers: Record<string, string> = {}): Promise<boolean> {
    return (await this.status(path, headers)).includes('; hit');
  }

  /** Fills the cache with a response, and makes sure that it is there. */
  async fill(path: string, headers: Record<string, string> = {}): Promise<void> {
    await this.fetch(path, headers);
    if (!(await this.isCached(path, headers))) throw new Error(`${path} is not cached`);
  }

  purge(body: object | string, headers: Record<string, string> = { 'x-purge': 'secret' }) {
    return request(this.server)
      .post('/cache')
      .set({ host: `localhost:${this.port}`, ...headers })
      .send(body);
  }
}

describe.each(versions)('purgeRouter on %s', (_name, framework) => {
  test('purges a URL, and says so', async () => {
    const shop = new Shop(framework).page('/a').page('/b');
    await shop.fill('/a');
    await shop.fill('/b');
    const { status, body, headers } = await shop.purge({ urls: ['/a'] });
    expect([status, body]).toEqual([
      200,
      { eviction: 'done', purged: { urls: ['/a'], tags: [], groups: [], all: false } },
    ]);
    expect(headers['cache-control']).toBe('no-store');
    expect([await shop.isCached('/a'), await shop.isCached('/b')]).toEqual([false, true]);
  });

  test.each<[string, Partial<CacheResponseOptions>, Record<string, string>, Record<string, string>[]]>([
    ['by Vary', {}, { Vary: 'Accept-Language' }, [{ 'accept-language': 'de' }, { 'accept-language': 'en' }]],
    ['by fields of the route', { vary: ['X-Tenant'] }, {}, [{ 'x-tenant': 'a' }, { 'x-tenant': 'b' }, {}]],
    ['by a key of the route', { key: (req) => req.get('x-beta') }, {}, [{ 'x-beta': '1' }, { 'x-beta': '2' }, {}]],
    ['by user', { scope: (req) => req.get('x-user') }, {}, [{ 'x-user': 'alice' }, { 'x-user': 'bob' }]],
  ])('purges all variants of a URL, %s', async (_what, options, fields, variants) => {
    const shop = new Shop(framework).page('/page', options, fields);
    for (const headers of variants) await shop.fill('/page', headers);
    for (const headers of variants) await shop.fill('/page?other', headers);
    await shop.purge({ urls: ['/page'] }).expect(200);
    for (const headers of variants) expect(await shop.isCached('/page', headers)).toBe(false);
    for (const headers of variants) expect(await shop.isCached('/page?other', headers)).toBe(true);
  });

  test('finds a URL by what counts of its query, in whatever order', async () => {
    const shop = new Shop(framework).page('/list', { query: { ignore: ['utm'] } }).page('/all');
    await shop.fill('/list?a=1&b=2&utm=x');
    await shop.fill('/all?a=1&b=2');
    await shop.purge({ urls: ['/list?b=2&utm=other&a=1', '/all?b=2&a=1'] }).expect(200);
    expect([await shop.isCached('/list?a=1&b=2'), await shop.isCached('/all?a=1&b=2')]).toEqual([false, false]);
  });

  test('purges HEAD with GET', async () => {
    const shop = new Shop(framework).page('/page');
    await shop.fill('/page');
    await shop.purge({ urls: ['/page'] }).expect(200);
    expect(await shop.status('/page', {}, 'HEAD')).toBe('shop; fwd=uri-miss');
  });

  test('purges what a trusted proxy was asked for, under the name that clients know', async () => {
    const shop = new Shop(framework);
    shop.app.set('trust proxy', true);
    shop.page('/page');
    const proxied = { 'x-forwarded-host': 'shop.example', 'x-forwarded-proto': 'https' };
    await shop.fill('/page', proxied);
    await shop.purge({ urls: ['https://other.example/page'] }).expect(200);
    expect(await shop.isCached('/page', proxied)).toBe(true);
    await shop.purge({ urls: ['https://SHOP.example/page'] }).expect(200);
    expect(await shop.isCached('/page', proxied)).toBe(false);
    await shop.fill('/page', proxied);
    await shop.purge({ urls: ['/page'], host: 'shop.example' }).expect(200);
    expect(await shop.isCached('/page', proxied)).toBe(false);
    await shop.fill('/page', proxied);
    await shop.purge({ urls: ['/page'] }, { ...proxied, 'x-purge': 'secret' }).expect(200);
    expect(await shop.isCached('/page', proxied)).toBe(false);
  });

  test('purges by tag, also what is no response', async () => {
    const shop = new Shop(framework).page('/a', { tags: ['x'] }).page('/b', { tags: ['y'] });
    await shop.fill('/a');
    await shop.fill('/b');
    await shop.cache.getOrSet('report', () => 'old', { tags: ['x'] });
    expect((await shop.purge({ tags: ['x'] })).body).toMatchObject({ eviction: 'done', purged: { tags: ['x'] } });
    expect([await shop.isCached('/a'), await shop.isCached('/b')]).toEqual([false, true]);
    expect(await shop.cache.getOrSet('report', () => 'new')).toBe('new');
  });

  test('purges by group of its host (RFC 9875)', async () => {
    const shop = new Shop(framework).page('/a', {}, { 'Cache-Groups': '"prices"' });
    await shop.fill('/a');
    await shop.purge({ groups: ['prices'], host: 'other.example' }).expect(200);
    expect(await shop.isCached('/a')).toBe(true);
    await shop.purge({ groups: ['prices'] }).expect(200);
    expect(await shop.isCached('/a')).toBe(false);
  });

  test('purges by group of the host that a trusted proxy tells', async () => {
    const shop = new Shop(framework).page('/a', {}, { 'Cache-Groups': '"prices"' });
    shop.app.set('trust proxy', true);
    const proxied = { 'x-forwarded-host': 'shop.example' };
    await shop.fill('/a', proxied);
    await shop.purge({ groups: ['prices'] }).expect(200);
    expect(await shop.isCached('/a', proxied)).toBe(true);
    await shop.purge({ groups: ['prices'], host: 'shop.example' }).expect(200);
    expect(await shop.isCached('/a', proxied)).toBe(false);
  });

  test('purges all responses, and nothing else', async () => {
    const shop = new Shop(framework).page('/a').page('/b', {}, { Vary: 'Accept' });
    await shop.fill('/a');
    await shop.fill('/b');
    await shop.cache.getOrSet('report', () => 'old');
    expect((await shop.purge({ all: true })).body).toMatchObject({ purged: { all: true } });
    expect([await shop.isCached('/a'), await shop.isCached('/b')]).toEqual([false, false]);
    expect(await shop.cache.getOrSet('report', () => 'new')).toBe('old');
  });

  describe('refuses', () => {
    test.each<[string, PurgeRouterOptions['authorize']]>([
      ['who may not', () => false],
      ['who may not, found out later', () => Promise.resolve(false)],
      ['where the answer is not true', () => 'yes' as never],
      ['where the answer is one, not true', () => 1 as never],
      ['where authorize throws', () => { throw new Error('the keys are gone'); }], // prettier-ignore
      ['where authorize rejects', () => Promise.reject(new Error('the keys are gone'))],
    ])('%s', async (_what, authorize) => {
      const shop = new Shop(framework, { authorize }).page('/a');
      await shop.fill('/a');
      for (const body of [{ urls: ['/a'] }, { all: true }]) {
        const { status, text } = await shop.purge(body);
        expect([status, text]).toEqual([403, '{"error":"you are not allowed to purge"}']);
      }
      expect(await shop.isCached('/a')).toBe(true);
      expect(told).toHaveLength(/throws|rejects/.test(_what) ? 1 : 0);
    });

    test('a token that is not known, or somebody else’s', async () => {
      const shop = new Shop(framework).page('/a');
      await shop.fill('/a');
      for (const headers of [{}, { 'x-purge': 'guess' }, { cookie: 'x-purge=secret' }]) {
        await shop.purge({ all: true }, headers as Record<string, string>).expect(403);
      }
      expect(await shop.isCached('/a')).toBe(true);
    });

    test.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('the method %s', async (method) => {
      const shop = new Shop(framework).page('/a');
      await shop.fill('/a');
      const { status, headers } = await shop.fetch('/cache?urls=/a&all=true', { 'x-purge': 'secret' }, method);
      expect([status, headers.allow]).toEqual([405, 'POST']);
      expect(await shop.isCached('/a')).toBe(true);
    });

    test.each([
      ['application/x-www-form-urlencoded', 'all=true'],
      ['multipart/form-data; boundary=x', '--x\r\nContent-Disposition: form-data; name="all"\r\n\r\ntrue\r\n--x--'],
      ['text/plain', '{"all":true}'],
      ['text/plain; x=application/json', '{"all":true}'],
    ])('what a page of another site can send, %s', async (type, body) => {
      const shop = new Shop(framework).page('/a');
      await shop.fill('/a');
      const { status, text } = await shop.purge(body, { 'x-purge': 'secret', 'content-type': type });
      expect([status, text]).toEqual([415, expect.stringContaining('send what to purge as application/json')]);
      expect(await shop.isCached('/a')).toBe(true);
    });

    test.each<[string, string, RegExp]>([
      ['nothing', '{}', /needs to be told what/],
      ['no object', '["/a"]', /purge/],
      ['no JSON', '{"urls"', /JSON/],
      ['another word', '{"url":["/a"]}', /no option 'url'; did you mean 'urls'\?/],
      ['one URL as a string', '{"urls":"/a"}', /urls must be an array of 1 to 100 URLs/],
      ['no URLs', '{"urls":[]}', /urls must be an array of 1 to 100 URLs/],
      ['numbers', '{"urls":[7]}', /urls must be an array/],
      ['too many URLs', JSON.stringify({ urls: Array(101).fill('/a') }), /urls must be an array of 1 to 100/],
      ['a relative URL', '{"urls":["a"]}', /has 'a'; write it as clients send it/],
      ['another scheme', '{"urls":["ftp://shop.example/a"]}', /write it as clients send it/],
      ['a URL with a user', '{"urls":["http://shop.example@evil.example/"]}', /write it as clients send it/],
      ['a URL with a fragment', '{"urls":["/a#b"]}', /write it as clients send it/],
      ['a URL with a line end', '{"urls":["/a\\r\\nX: y"]}', /write it as clients send it/],
      ['a URL with NUL', '{"urls":["/a\\u0000"]}', /write it as clients send it/],
      ['a URL that is not encoded', '{"urls":["/größe"]}', /percent-encoded/],
      ['a URL without end', JSON.stringify({ urls: [`/${'a'.repeat(5_000)}`] }), /at most 4096 characters/],
      ['a tag of nothing', '{"tags":[""]}', /tags must be an array of 1 to 100 tags/],
      ['a tag that is half a character', '{"tags":["\\ud800"]}', /tags must be an array/],
      ['a group with a line end', '{"groups":["a\\n"]}', /groups must be an array/],
      ['all of nothing', '{"all":false}', /all can only be true/],
      ['a host that is a URL', '{"urls":["/a"],"host":"http://a/"}', /host must be a host/],
      ['a prototype', '{"__proto__":{"all":true}}', /__proto__|needs to be told what/],
    ])('%s', async (_what, body, sentence) => {
      const shop = new Shop(framework).page('/a');
      await shop.fill('/a');
      const { status, text } = await shop.purge(body, { 'x-purge': 'secret', 'content-type': 'application/json' });
      expect([status, text]).toEqual([400, expect.stringMatching(sentence)]);
      expect(await shop.isCached('/a')).toBe(true);
    });

    test('a body that is too large', async () => {
      const shop = new Shop(framework);
      await shop.purge({ tags: ['x'.repeat(200_000)] }).expect(413);
    });
  });

  test('leaves a body alone that other middleware has read', async () => {
    const shop = new Stage(framework);
    shop.app.use(framework.json(), purgeRouter({ cache: shop.cache, authorize: () => true }) as RequestHandler);
    const { body } = await request(shop.server)
      .post('/')
      .send({ tags: ['a'] });
    expect(body).toMatchObject({ eviction: 'done', purged: { tags: ['a'] } });
  });

  describe('by PURGE', () => {
    test('the URL itself is purged, and nothing by POST', async () => {
      const shop = new Shop(framework, { methods: ['PURGE'] }).page('/a', { query: { allow: ['page'] } });
      await shop.fill('/a?page=1&utm=x');
      expect((await shop.fetch('/a?page=1', {}, 'PURGE')).status).toBe(403);
      expect(await shop.isCached('/a?page=1')).toBe(true);
      const { status, body } = await shop.fetch('/a?page=1', { 'x-purge': 'secret' }, 'PURGE');
      expect([status, JSON.parse(String(body))]).toEqual([
        200,
        { eviction: 'done', purged: { urls: ['/a?page=1'], tags: [], groups: [], all: false } },
      ]);
      expect(await shop.isCached('/a?page=1')).toBe(false);
      expect((await shop.fetch('/', { 'x-purge': 'secret' }, 'POST')).status).toBe(404);
    });

    test('is not there unless it is asked for', async () => {
      const shop = new Shop(framework).page('/a');
      await shop.fill('/a');
      await shop.fetch('/cache/a', { 'x-purge': 'secret' }, 'PURGE');
      expect(await shop.isCached('/a')).toBe(true);
    });
  });
});

test('an eviction that the shared tier has not heard of yet is told as pending', async () => {
  const stage = new Stage();
  const gone = () => Promise.reject(new Error('gone'));
  const cache = createCache({
    tiers: [
      {
        name: 'dead',
        scope: 'shared',
        capabilities: { conditionalFill: true },
        deadline: 100,
        open: () => new Proxy({} as never, { get: (_t, method) => (method === 'reset' ? () => undefined : gone) }),
      },
    ],
  });
  stage.app.use(purgeRouter({ cache, authorize: () => true }));
  const { status, body } = await request(stage.server)
    .post('/')
    .send({ urls: ['/a'] });
  expect([status, body]).toMatchObject([202, { eviction: 'pending', purged: { urls: ['/a'] } }]);
  await cache.close({ timeout: 0 });
});

describe('purgeRouter does not start', () => {
  const cache = createCache();
  test.each<[string, object, RegExp]>([
    ['without authorize', { cache }, /authorize is missing: anybody could purge; write authorize:/],
    ['with an authorize that is none', { cache, authorize: true }, /authorize must be a function/],
    ['without a cache', { authorize: () => true }, /write cache: createCache\(\)/],
    ['with a GET', { cache, authorize: () => true, methods: ['GET'] }, /by no other method is anything purged/],
    ['with no method', { cache, authorize: () => true, methods: [] }, /by no other method/],
  ])('%s', (_what, options, sentence) => {
    expect(() => purgeRouter(options as never)).toThrow(sentence);
  });
});
