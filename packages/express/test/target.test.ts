import { describe, expect, test } from '@jest/globals';
import type { CacheResponseOptions } from '../src/index.ts';
import { cacheResponse } from './support/opted-in.ts';
import { Stage, versions } from './support/stage.ts';

/** Every path answers with what its handler sees of the request. */
function echo(framework: (typeof versions)[0][1], extra: Partial<CacheResponseOptions> = {}): Stage {
  const stage = new Stage(framework);
  stage.app.use(cacheResponse({ cache: stage.cache, ttl: '1m', ...extra }));
  stage.app.use((req, res) => {
    stage.runs += 1;
    const forwarded = req.get('x-forwarded-host') ?? req.get('x-original-url') ?? '';
    res.send(`${req.method} ${req.protocol}://${req.get('host')}${req.originalUrl} ${forwarded}`);
  });
  return stage;
}

describe.each(versions)('%s', (_name, framework) => {
  test.each([
    ['/a/b', '/a%2fb'],
    ['/a', '/a/'],
    ['/a', '/A'],
    ['/a', '//a'],
    ['/a', '/a;x.css'],
    ['/a', '/a%00'],
    ['/b', '/a/..%2fb'],
    ['/a/b', '/a/./b'],
    ['/a?x=1', '/a?x=2'],
    ['/a?x=1', '/a?x=%31'],
    ['/a?x=1&x=2', '/a?x=2&x=1'],
    ['/a?x[]=1&x=2', '/a?x=2&x[]=1'],
    ['/a?x=1&%78=2', '/a?%78=2&x=1'],
    ['/a?x=1', '/a?x=1;y=2'],
  ])('%s and %s are two pages', async (one, other) => {
    const stage = echo(framework);
    await stage.fetch(one);
    expect(String((await stage.fetch(other)).body)).toContain(other);
    expect(stage.runs).toBe(2);
  });

  test.each([
    ['/a?x=1&y=2', '/a?y=2&x=1'],
    ['/a?y=2&x=1&x=2', '/a?x=1&y=2&x=2'],
    ['/a?', '/a'],
    ['/a?x=1&&y=2', '/a?x=1&y=2'],
  ])('%s and %s are one', async (one, other) => {
    const stage = echo(framework);
    await stage.fetch(one);
    expect(await stage.status(other)).toBe('shop; hit; ttl=60');
  });

  test('parameters that a route ignores make no other page', async () => {
    const stage = echo(framework, { query: { ignore: ['utm_source'] } });
    await stage.fetch('/a?x=1');
    expect(await stage.status('/a?utm_source=mail&x=1')).toContain('hit');
    expect(await stage.status('/a?utm_sourc%65=mail&x=1')).toContain('miss');
    expect(await stage.status('/a?utm_source=mail;x=2&x=1')).toContain('miss');
  });

  test('of parameters that a route allows, only those count', async () => {
    const stage = echo(framework, { query: { allow: ['page'] } });
    await stage.fetch('/a?page=1&nonsense=1');
    expect(await stage.status('/a?other=2&page=1')).toContain('hit');
    expect(await stage.status('/a?page=2')).toContain('miss');
  });

  test.each(['%70age=evil', 'page[]=evil', 'page[x]=evil', 'page.x=evil', 'other;page=evil', 'other=1;page=evil'])(
    'a parameter that handlers may take for an allowed one has a page of its own: %s',
    async (disguised) => {
      const stage = echo(framework, { query: { allow: ['page'] } });
      for (const query of [disguised, `page=1&${disguised}`]) await stage.fetch(`/a?${query}`);
      for (const path of ['/a', '/a?page=1']) {
        expect(String((await stage.fetch(path)).body)).not.toContain('evil');
        expect(await stage.status(path)).toContain('hit');
      }
    },
  );

  test('each host has pages of its own', async () => {
    const stage = echo(framework);
    await stage.fetch('/a', { host: 'shop.example' });
    expect(await stage.status('/a', { host: 'SHOP.example' })).toContain('hit');
    for (const host of ['evil.example', 'shop.example:8080']) {
      expect(String((await stage.fetch('/a', { host })).body)).toContain(host);
    }
    expect(String((await stage.fetch('/a', { host: 'shop.example' })).body)).toContain('//shop.example/');
  });

  test('a host that is none is not worth a page', async () => {
    const stage = echo(framework);
    for (const host of ['a b', 'a/b', 'a"b', `${'a'.repeat(300)}.example`]) {
      expect(await stage.status('/a', { host })).toBe('shop; fwd=bypass; detail=host');
    }
  });

  test('a target in absolute form is left to the handler', async () => {
    const stage = echo(framework);
    const answer = await stage.raw('GET http://evil/a HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n');
    expect(answer).toMatch(/^cache-status: shop; fwd=bypass; detail=target\r$/im);
  });

  test.each(['x-original-url', 'x-rewrite-url', 'x-http-method-override', 'x-forwarded-host', 'forwarded'])(
    'who sends %s poisons nothing, and is not answered from the cache',
    async (name) => {
      const stage = echo(framework);
      const attack = { [name]: 'evil' };
      expect(await stage.status('/a', attack)).toBe(`shop; fwd=bypass; detail=${name}`);
      expect(String((await stage.fetch('/a')).body)).not.toContain('evil');
      expect(await stage.status('/a')).toContain('hit');
      expect(await stage.status('/a', attack)).toBe(`shop; fwd=bypass; detail=${name}`);
    },
  );

  test('what a trusted proxy says is part of the key', async () => {
    const stage = echo(framework);
    stage.app.set('trust proxy', true);
    const proxied = { 'x-forwarded-host': 'a.example', 'x-forwarded-proto': 'https', 'x-forwarded-for': '1.2.3.4' };
    await stage.fetch('/a', proxied);
    expect(await stage.status('/a', { ...proxied, 'x-forwarded-for': '1.2.3.5' })).toContain('hit');
    expect(await stage.status('/a', { ...proxied, 'x-forwarded-host': 'b.example' })).toContain('miss');
    expect(await stage.status('/a', { ...proxied, 'x-forwarded-proto': 'http' })).toContain('miss');
    expect(await stage.status('/a', { ...proxied, 'x-forwarded-port': '8443' })).toContain('miss');
    expect(await stage.status('/a')).toContain('miss');
    expect(await stage.status('/a', { 'x-forwarded-proto': 'http://a for "b"' })).toContain('detail=scheme');
    expect(await stage.status('/a', { ...proxied, 'x-original-url': '/b' })).toContain('detail=x-original-url');
  });

  test('a long URL is kept, a very long one is not', async () => {
    const stage = echo(framework);
    const long = `/${'a'.repeat(3_000)}`;
    await stage.fetch(long);
    expect(await stage.status(long)).toContain('hit');
    expect(await stage.status(`${long}b`)).toContain('miss');
    expect(await stage.status(`/${'a'.repeat(5_000)}`)).toBe('shop; fwd=bypass; detail=length');
  });

  test('a hundred thousand made-up queries do not fill memory', async () => {
    const stage = echo(framework, { query: { allow: ['page'] } });
    await Promise.all(Array.from({ length: 200 }, (_, index) => stage.fetch(`/a?bust=${index}`)));
    expect(stage.runs).toBe(1);
  });

  test('a GET with content is left to the handler', async () => {
    const stage = echo(framework);
    const fat = 'GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}';
    expect(await stage.raw(fat)).toMatch(/fwd=bypass; detail=content\r$/m);
    const chunked =
      'GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
    expect(await stage.raw(chunked)).toMatch(/fwd=bypass; detail=content\r$/m);
  });

  test.each([
    ['precondition', { 'if-match': '"a"' }],
    ['precondition', { 'if-unmodified-since': 'Sun, 06 Nov 1994 08:49:37 GMT' }],
  ])('a request with a %s is left to the handler', async (detail, headers) => {
    const stage = echo(framework);
    await stage.fetch('/a');
    expect(await stage.status('/a', headers as Record<string, string>)).toBe(`shop; fwd=bypass; detail=${detail}`);
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s is left to the handler', async (method) => {
    const stage = echo(framework);
    await stage.fetch('/a');
    const answer = await stage.fetch('/a', {}, method);
    expect(answer.headers['cache-status']).toBe('shop; fwd=method');
    expect(String(answer.body)).toMatch(new RegExp(`^${method} `));
    expect(String((await stage.fetch('/a')).body)).toMatch(/^GET /);
  });
});
