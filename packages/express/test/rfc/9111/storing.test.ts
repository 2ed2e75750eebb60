import { describe, expect, test } from '@jest/globals';
import type { CacheResponseOptions } from '../../../src/index.ts';
import { Origin } from '../../support/origin.ts';
import { settled, versions } from '../../support/stage.ts';

type Fields = Record<string, string | string[]>;
const ago = (seconds: number): string => new Date(Date.now() - seconds * 1_000).toUTCString();

describe.each(versions)('RFC 9111 §3 on %s', (_name, framework) => {
  const reuses = (headers: Fields, options: Partial<CacheResponseOptions> = {}, status = 200): Promise<boolean> =>
    new Origin(framework, [{ status, headers }], options).reuses();

  test.each<[string, number]>([
    ['max-age=60', 201],
    ['max-age=60', 299],
    ['s-maxage=60', 302],
    ['max-age=60', 303],
    ['max-age=60', 404],
    ['max-age=60', 500],
    ['public, max-age=60', 503],
    ['max-age=60', 599],
  ])('a response that says %s is stored, whatever its status: %d', async (value, status) => {
    expect(await reuses({ 'Cache-Control': value }, {}, status)).toBe(true);
  });

  test.each([400, 405, 413, 414, 417, 421, 431, 501])(
    'a %d, which a malformed request can provoke for everybody, is stored in strict mode alone',
    async (status) => {
      expect(await reuses({ 'Cache-Control': 'max-age=60' }, {}, status)).toBe(false);
      expect(await reuses({ 'Cache-Control': 'max-age=60' }, { mode: 'strict' }, status)).toBe(true);
    },
  );

  test('must-understand: a status that is not understood is not stored, and no-store is for others (§5.2.2.3)', async () => {
    expect(await reuses({ 'Cache-Control': 'max-age=60, must-understand' }, {}, 599)).toBe(false);
    expect(await reuses({ 'Cache-Control': 'max-age=60, must-understand, no-store' })).toBe(true);
  });

  test('what no-cache names is left out, the rest is reused (§5.2.2.4)', async () => {
    const headers = {
      'Cache-Control': 'max-age=60, no-cache="X-One, set-cookie"',
      'X-One': '1',
      'X-Two': '2',
      'Set-Cookie': 'a=b',
    };
    const origin = new Origin(framework, [{ headers }]);
    expect((await origin.fetch('/')).headers).toMatchObject({ 'x-one': '1', 'set-cookie': ['a=b'] });
    const hit = await origin.fetch('/');
    expect(hit.headers['cache-status']).toContain('hit');
    expect(hit.headers['x-two']).toBe('2');
    for (const name of ['x-one', 'set-cookie']) expect(hit.headers).not.toHaveProperty(name);
  });

  test('what private names is left out in strict mode; else the whole is private (§5.2.2.7)', async () => {
    const headers = { 'Cache-Control': 'max-age=60, private="X-One"', 'X-One': '1' };
    expect(await reuses(headers)).toBe(false);
    const origin = new Origin(framework, [{ headers }], { mode: 'strict' });
    await origin.fetch('/');
    const hit = await origin.fetch('/');
    expect(hit.headers['cache-status']).toContain('hit');
    expect(hit.headers).not.toHaveProperty('x-one');
    for (const value of ['private="a", private', 'private, private="a"', 'private=""', 'private="a b"']) {
      expect(await reuses({ 'Cache-Control': `max-age=60, ${value}` }, { mode: 'strict' })).toBe(false);
    }
  });

  test('Set-Cookie is stored in strict mode', async () => {
    const origin = new Origin(
      framework,
      [{ headers: { 'Cache-Control': 'max-age=60', 'Set-Cookie': ['a=b', 'c=d'] } }],
      {
        mode: 'strict',
      },
    );
    await origin.fetch('/');
    expect((await origin.fetch('/', { cookie: 'a=b' })).headers).toMatchObject({
      'set-cookie': ['a=b', 'c=d'],
      'cache-status': 'shop; hit; ttl=60',
    });
  });

  test('Authorization is shared by what §3.5 names, in strict mode as well', async () => {
    for (const [directive, shared] of [
      ['max-age=60', false],
      ['max-age=60, public', true],
      ['s-maxage=60', true],
      ['max-age=60, must-revalidate', true],
    ] as const) {
      const origin = new Origin(framework, [{ headers: { 'Cache-Control': directive } }], { mode: 'strict' });
      await origin.fetch('/', { authorization: 'Basic YQ==' });
      await origin.fetch('/', { authorization: 'Basic Yg==' });
      expect(origin.runs).toBe(shared ? 1 : 2);
    }
  });

  test('Last-Modified makes a response fresh only where the route says so, and not for every status (§4.2.2)', async () => {
    const headers = { 'Last-Modified': ago(86_400), Date: ago(0) };
    expect(await reuses(headers)).toBe(false);
    expect(await reuses(headers, { heuristics: true })).toBe(true);
    for (const status of [204, 404, 410]) expect(await reuses(headers, { heuristics: true }, status)).toBe(true);
    for (const status of [201, 403, 500, 599]) expect(await reuses(headers, { heuristics: true }, status)).toBe(false);
    const open = { ...headers, 'Cache-Control': 'public' };
    expect(await reuses(open, { heuristics: true }, 599)).toBe(true);
    // What a malformed request provokes does not say so of itself.
    expect(await reuses(open, { heuristics: true }, 400)).toBe(false);
    expect(await reuses(open, { heuristics: true, mode: 'strict' }, 400)).toBe(true);
    const origin = new Origin(framework, [{ headers }], { heuristics: true });
    await origin.fetch('/');
    expect((await origin.fetch('/')).headers['cache-status']).toMatch(/ttl=8[56]\d\d$/);
  });

  test('neither a part, nor what looks like one, is kept as a whole (§3.3)', async () => {
    const part = { 'Content-Range': 'bytes 0-1/9', 'Cache-Control': 'max-age=60' };
    expect(await reuses(part, { mode: 'strict' }, 206)).toBe(false);
    expect(await reuses(part, { mode: 'strict' })).toBe(false);
    expect(await reuses({ ...part, 'Content-Range': 'nonsense' })).toBe(true);
  });

  test('Age is counted from what the response said, and Date stays (§4.2.3, §5.1)', async () => {
    const date = ago(0);
    const origin = new Origin(framework, [{ headers: { 'Cache-Control': 'max-age=600', Age: '30', Date: date } }]);
    await origin.fetch('/');
    await origin.clock.advance(3_000);
    const { headers } = await origin.fetch('/');
    expect([headers.age, headers.date]).toEqual(['33', date]);
  });

  test('the time that an answer from far away took is part of its age', async () => {
    const origin = new Origin(framework, [
      {
        act: async (_req, res) => {
          await origin.clock.advance(5_000);
          res.set({ 'Cache-Control': 'max-age=600', Age: '30' }).end();
        },
      },
    ]);
    await origin.fetch('/');
    expect((await origin.fetch('/')).headers.age).toBe('35');
  });

  test.each([102, 103])('interim responses (%d) go by, and the final one is stored', async (status) => {
    const origin = new Origin(framework, [
      {
        act: (_req, res) => {
          if (status === 102) res.writeProcessing();
          else res.writeEarlyHints({ link: '</a.css>; rel=preload' });
          res.set('Cache-Control', 'max-age=60').end('done');
        },
      },
    ]);
    const answer = await origin.raw('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    expect(answer.startsWith(`HTTP/1.1 ${status} `)).toBe(true);
    expect(answer).toContain('HTTP/1.1 200 OK');
    await settled();
    const again = await origin.raw('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    expect(again).toMatch(/^HTTP\/1.1 200 OK[^]*cache-status: shop; hit/i);
  });
});
