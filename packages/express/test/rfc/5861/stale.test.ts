import { describe, expect, test } from '@jest/globals';
import { Readable } from 'node:stream';
import { Router } from 'express';
import { cacheResponse } from '../../support/opted-in.ts';
import { Origin } from '../../support/origin.ts';
import { settled, Stage, until, versions } from '../../support/stage.ts';

const swr = { headers: { 'Cache-Control': 'max-age=10, stale-while-revalidate=30' } };
const sie = { headers: { 'Cache-Control': 'max-age=10, stale-if-error=60', ETag: '"a"' } };

describe.each(versions)('RFC 5861 on %s', (_name, framework) => {
  describe('§3, stale-while-revalidate', () => {
    test('a stale response is given at once, and replaced in the background', async () => {
      const origin = new Origin(framework, [swr]);
      await origin.fetch('/');
      await origin.clock.advance(12_000);
      const answer = await origin.fetch('/');
      expect([String(answer.body), answer.headers['cache-status']]).toEqual(['run 1', 'shop; hit; ttl=-2']);
      await until(() => origin.runs === 2);
      expect(await origin.body()).toBe('run 2');
      expect(origin.runs).toBe(2);
    });

    test('is over when it is over, and validates by the 304 of the handler', async () => {
      const tagged = { headers: { ...swr.headers, ETag: '"a"' }, body: 'the page' };
      const origin = new Origin(framework, [tagged, { status: 304, headers: tagged.headers }]);
      await origin.fetch('/');
      await origin.clock.advance(12_000);
      await origin.fetch('/');
      await until(() => origin.runs === 2);
      expect(origin.seen[1]!.headers['if-none-match']).toBe('"a"');
      expect(await origin.status('/')).toBe('shop; hit; ttl=10');
      await origin.clock.advance(41_000);
      expect(await origin.status('/')).toContain('fwd=stale');
    });

    test('the request in the background is nobody’s: it has what selects the response, and no more', async () => {
      const varied = {
        headers: { ...swr.headers, 'Cache-Control': `${swr.headers['Cache-Control']}, public`, Vary: 'X-Kind' },
      };
      const origin = new Origin(framework, [varied]);
      const headers = {
        cookie: 'sid=alice',
        authorization: 'Basic YQ==',
        'x-kind': 'b',
        'x-secret': 's',
        range: 'bytes=0-1',
      };
      const { range: _, ...first } = headers;
      await origin.fetch('/p?q=1', first);
      await origin.clock.advance(12_000);
      await origin.fetch('/p?q=1', first);
      await until(() => origin.runs === 2);
      const [, apart] = origin.seen;
      expect(apart).toMatchObject({ method: 'GET', url: '/p?q=1' });
      expect(apart!.headers).toMatchObject({ 'x-kind': 'b', host: expect.stringContaining('localhost') as unknown });
      for (const name of ['cookie', 'authorization', 'x-secret', 'range'])
        expect(apart!.headers).not.toHaveProperty(name);
    });

    test('within a scope it is that user’s own request once more', async () => {
      const origin = new Origin(framework, [swr], { scope: (req) => req.get('x-user') });
      const alice = { 'x-user': 'alice', cookie: 'sid=alice' };
      await origin.fetch('/', alice);
      await origin.clock.advance(12_000);
      expect(await origin.body('/', alice)).toBe('run 1');
      await until(() => origin.runs === 2);
      expect(origin.seen[1]!.headers.cookie).toBe('sid=alice');
      expect(await origin.body('/', alice)).toBe('run 2');
    });

    test.each([401, 403, 404, 500, 503])(
      'a %d in the background replaces nothing that may still be used',
      async (status) => {
        const origin = new Origin(framework, [swr, { status }]);
        await origin.fetch('/');
        await origin.clock.advance(12_000);
        await origin.fetch('/');
        await until(() => origin.runs === 2);
        const isNews = status === 404;
        expect(await origin.body()).toBe(isNews ? 'run 3' : 'run 1');
      },
    );

    test('it comes through the routers and the app it was mounted in', async () => {
      const stage = new Stage(framework);
      const inner = framework();
      const router = Router();
      router.get('/page', cacheResponse({ cache: stage.cache }), (req, res) => {
        stage.runs += 1;
        res.set(swr.headers).send(`${req.baseUrl} ${stage.runs}`);
      });
      inner.use('/inner', router);
      stage.app.use('/outer', inner);
      await stage.fetch('/outer/inner/page');
      await stage.clock.advance(12_000);
      await stage.fetch('/outer/inner/page');
      await until(() => stage.runs === 2);
      expect(String((await stage.fetch('/outer/inner/page')).body)).toMatch(/inner 2$/);
    });

    test('a route that a request in the background does not reach keeps what it has, for as long as it may', async () => {
      const stage = new Stage(framework);
      stage.app.use((req, res, next) => {
        if (req.get('x-internal') === undefined) res.status(404).end();
        else next();
      });
      stage.app.get('/', cacheResponse({ cache: stage.cache }), (_req, res) => {
        stage.runs += 1;
        res.set(swr.headers).send(`run ${stage.runs}`);
      });
      const inside = { 'x-internal': '1' };
      await stage.fetch('/', inside);
      await stage.clock.advance(12_000);
      for (let time = 0; time < 3; time += 1) expect(String((await stage.fetch('/', inside)).body)).toBe('run 1');
      await stage.clock.advance(30_000);
      expect(String((await stage.fetch('/', inside)).body)).toBe('run 2');
    });

    test('a large body is streamed to nowhere as it is to a client', async () => {
      const body = Buffer.alloc(900_000, 'x');
      const origin = new Origin(framework, [
        swr,
        {
          act: (_req, res) =>
            void Readable.from([body.subarray(0, 400_000), body.subarray(400_000)]).pipe(res.set(swr.headers)),
        },
      ]);
      await origin.fetch('/');
      await origin.clock.advance(12_000);
      await origin.fetch('/');
      await until(() => origin.runs === 2);
      await settled(50);
      expect((await origin.fetch('/')).body.equals(body)).toBe(true);
      expect(origin.runs).toBe(2);
    });

    test('a route may allow it for responses that say nothing of it', async () => {
      const origin = new Origin(framework, [{}], { ttl: '10s', staleWhileRevalidate: '30s' });
      await origin.fetch('/');
      await origin.clock.advance(12_000);
      expect(await origin.body()).toBe('run 1');
      await until(() => origin.runs === 2);
    });

    test.each(['must-revalidate', 'proxy-revalidate', 'no-cache'])(
      '%s forbids it (RFC 9111 §4.2.4)',
      async (directive) => {
        const origin = new Origin(framework, [
          { headers: { 'Cache-Control': `${swr.headers['Cache-Control']}, ${directive}` } },
        ]);
        await origin.fetch('/');
        await origin.clock.advance(12_000);
        expect(await origin.body()).toBe('run 2');
      },
    );

    test('beside s-maxage it counts, but for strict mode', async () => {
      const shared = { headers: { 'Cache-Control': 's-maxage=10, stale-while-revalidate=30' } };
      for (const mode of ['safe', 'strict'] as const) {
        const origin = new Origin(framework, [shared], { mode });
        await origin.fetch('/');
        await origin.clock.advance(12_000);
        expect(await origin.body()).toBe(mode === 'safe' ? 'run 1' : 'run 2');
      }
    });
  });

  describe('§4, stale-if-error', () => {
    test.each([500, 502, 503, 504])('a stale response stands in for a %d', async (status) => {
      const origin = new Origin(framework, [sie, { status }]);
      await origin.fetch('/');
      await origin.clock.advance(20_000);
      const answer = await origin.fetch('/');
      expect([answer.status, String(answer.body), answer.headers['cache-status']]).toEqual([
        200,
        'run 1',
        `shop; fwd=stale; fwd-status=${status}; ttl=-10; detail=stale-if-error`,
      ]);
      expect(await origin.body()).toBe('run 1');
      await origin.clock.advance(51_000);
      expect((await origin.fetch('/')).status).toBe(status);
    });

    test('a handler that throws is an error too, and one that has recovered is heard again', async () => {
      const origin = new Origin(framework, [
        sie,
        {
          act: () => {
            throw new Error('broken');
          },
        },
      ]);
      origin.app.set('env', 'test');
      await origin.fetch('/');
      await origin.clock.advance(20_000);
      expect(await origin.body()).toBe('run 1');
      origin.answering({ ...sie, body: 'well again' });
      await origin.clock.advance(2_000);
      expect(await origin.body()).toBe('well again');
    });

    test.each([400, 404, 501])('a %d is an answer, not an error', async (status) => {
      const origin = new Origin(framework, [sie, { status }]);
      await origin.fetch('/');
      await origin.clock.advance(20_000);
      expect((await origin.fetch('/')).status).toBe(status);
    });

    test('must-revalidate forbids it', async () => {
      const strict = { headers: { 'Cache-Control': `${sie.headers['Cache-Control']}, must-revalidate` } };
      const origin = new Origin(framework, [strict, { status: 503 }]);
      await origin.fetch('/');
      await origin.clock.advance(20_000);
      expect((await origin.fetch('/')).status).toBe(503);
    });
  });
});
