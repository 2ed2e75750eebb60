import { describe, expect, test } from '@jest/globals';
import type { Request, Response } from 'express';
import { Origin } from '../../support/origin.ts';
import { settled, until, versions } from '../../support/stage.ts';

const etag = '"one"';
const modified = 'Wed, 01 Jan 2020 00:00:00 GMT';

describe.each(versions)('RFC 9111 §4.3 on %s', (_name, framework) => {
  const page = { headers: { 'Cache-Control': 'max-age=10', ETag: etag, 'X-News': 'old' }, body: 'the page' };
  const unchanged = { status: 304, headers: { 'Cache-Control': 'max-age=20', ETag: etag, 'X-News': 'new' } };

  test('a stale response is validated by its entity-tag, and made new by the 304 (§4.3.1, §4.3.4)', async () => {
    const origin = new Origin(framework, [page, unchanged]);
    await origin.fetch('/');
    await origin.clock.advance(11_000);
    const answer = await origin.fetch('/');
    expect(origin.seen[1]!.headers['if-none-match']).toBe(etag);
    expect([answer.status, String(answer.body), answer.headers['x-news']]).toEqual([200, 'the page', 'new']);
    expect(answer.headers['cache-status']).toBe('shop; fwd=stale; fwd-status=304; ttl=20; stored');
    await origin.clock.advance(15_000);
    const hit = await origin.fetch('/');
    expect([hit.headers['cache-status'], hit.headers['x-news'], hit.headers.age]).toEqual([
      'shop; hit; ttl=5',
      'new',
      '15',
    ]);
    expect(origin.runs).toBe(2);
  });

  test.each<[string, (origin: Origin) => Promise<unknown>]>([
    ['the tag', (origin) => origin.cache.invalidateTags('owner:ben')],
    ['the tag that it had before', (origin) => origin.cache.invalidateTags('owner:ann')],
    [
      'the group',
      (origin) => origin.answering({ headers: { 'Cache-Group-Invalidation': '"ben"' } }).fetch('/b', {}, 'POST'),
    ],
  ])('a response that was made new by a 304 is found by %s', async (_what, invalidate) => {
    const of = (owner: string): object => ({ 'X-Owner': owner, 'Cache-Groups': `"${owner}"` });
    const first = { ...page, headers: { ...page.headers, ...of('ann') } };
    const renewed = { ...unchanged, headers: { ...unchanged.headers, ...of('ben') } };
    const tags = (_req: Request, res: Response): string[] => [`owner:${res.get('x-owner')}`];
    const origin = new Origin(framework, [first, renewed], { tags });
    await origin.fetch('/');
    await origin.clock.advance(11_000);
    await origin.fetch('/');
    expect(await origin.status('/')).toContain('hit');
    await invalidate(origin);
    expect(await origin.answering(first).status('/')).toContain('fwd=uri-miss');
  });

  test('a 304 that names other request fields in Vary is of no use to requests that differ in those (§4.1)', async () => {
    const told = (req: Request, res: Response): void => {
      const isNew = origin.runs > 1;
      res.set({ 'Cache-Control': 'max-age=10', ETag: etag });
      if (isNew) res.set('Vary', 'X-Kind');
      if (isNew && req.get('if-none-match') === etag && req.get('x-kind') !== 'b') res.status(304).end();
      else res.send(`for ${req.get('x-kind') ?? 'all'}`);
    };
    const origin: Origin = new Origin(framework, [{ act: told }]);
    await origin.fetch('/');
    await origin.clock.advance(11_000);
    expect(await origin.body('/', { 'x-kind': 'a' })).toBe('for all');
    expect(await origin.body('/', { 'x-kind': 'b' })).toBe('for b');
    expect(await origin.body('/', { 'x-kind': 'a' })).toBe('for a');
  });

  test('without an entity-tag it is validated by its date', async () => {
    const dated = { headers: { 'Cache-Control': 'max-age=10', 'Last-Modified': modified }, body: 'the page' };
    const origin = new Origin(framework, [dated, { status: 304 }]);
    await origin.fetch('/');
    await origin.clock.advance(11_000);
    expect(await origin.body()).toBe('the page');
    expect(origin.seen[1]!.headers['if-modified-since']).toBe(modified);
  });

  test('a whole response takes its place (§4.3.3)', async () => {
    const origin = new Origin(framework, [
      page,
      { ...page, headers: { ...page.headers, ETag: '"two"' }, body: 'next' },
    ]);
    await origin.fetch('/');
    await origin.clock.advance(11_000);
    expect(await origin.status('/')).toBe('shop; fwd=stale; stored');
    expect(await origin.body()).toBe('next');
    expect(origin.runs).toBe(2);
  });

  test('the client’s own condition is answered by what was validated', async () => {
    const origin = new Origin(framework, [page, unchanged]);
    await origin.fetch('/');
    await origin.clock.advance(11_000);
    expect((await origin.fetch('/', { 'if-none-match': etag })).status).toBe(304);
    await origin.clock.advance(21_000);
    expect((await origin.fetch('/', { 'if-none-match': '"other"' })).status).toBe(200);
  });

  test('no-cache is stored, and validated at each use (§5.2.2.4)', async () => {
    const always = { headers: { 'Cache-Control': 'max-age=60, no-cache', ETag: etag }, body: 'the page' };
    const origin = new Origin(framework, [always, { status: 304, headers: always.headers }]);
    await origin.fetch('/');
    for (const runs of [2, 3, 4]) {
      expect(await origin.body()).toBe('the page');
      expect(origin.runs).toBe(runs);
      expect(origin.seen.at(-1)!.headers['if-none-match']).toBe(etag);
    }
    const changed = { headers: { ...always.headers, ETag: '"two"' }, body: 'another page' };
    origin.answering(changed);
    expect(await origin.body()).toBe('another page');
  });

  test('a 304 that forbids storing answers, and leaves nothing', async () => {
    const origin = new Origin(framework, [page, { status: 304, headers: { 'Cache-Control': 'no-store' } }, page]);
    await origin.fetch('/');
    await origin.clock.advance(11_000);
    expect(await origin.body()).toBe('the page');
    await origin.fetch('/');
    expect(origin.seen[2]!.headers).not.toHaveProperty('if-none-match');
  });

  test('a 304 with the tag of something else changes nothing of what is stored (§4.3.4)', async () => {
    const strange = { status: 304, headers: { ETag: '"evil"', 'X-News': 'evil', 'Cache-Control': 'max-age=99' } };
    const origin = new Origin(framework, [page, strange]);
    await origin.fetch('/');
    await origin.clock.advance(11_000);
    const answer = await origin.fetch('/');
    expect([String(answer.body), answer.headers['x-news'], answer.headers.etag]).toEqual(['the page', 'old', etag]);
  });

  test('all who ask for a stale response share one validation', async () => {
    const waiting: (() => void)[] = [];
    const origin = new Origin(framework, [
      page,
      { act: (_req, res) => waiting.push(() => res.status(304).set('Cache-Control', 'max-age=20').end()) },
    ]);
    await origin.fetch('/');
    await origin.clock.advance(11_000);
    const answers = [0, 1, 2].map(() => origin.fetch('/'));
    await until(() => waiting.length === 1);
    await settled(50);
    waiting[0]!();
    const got = await Promise.all(answers);
    expect(got.map(({ body }) => String(body))).toEqual(Array(3).fill('the page'));
    expect(origin.runs).toBe(2);
  });

  test('what a handler writes after its 304 goes nowhere', async () => {
    const origin = new Origin(framework, [
      page,
      {
        act: (_req, res) => {
          res.statusCode = 304;
          res.write('nothing ');
          setImmediate(() => res.end('of this'));
        },
      },
    ]);
    await origin.fetch('/');
    await origin.clock.advance(11_000);
    expect(await origin.body()).toBe('the page');
    await settled();
    expect(await origin.body()).toBe('the page');
  });

  test('a user who may not see what is stored does not take it away', async () => {
    const origin = new Origin(framework, [page, unchanged]);
    await origin.fetch('/');
    await origin.clock.advance(11_000);
    expect(await origin.body('/', { cookie: 'sid=alice' })).toBe('the page');
    await origin.clock.advance(1_001);
    expect(await origin.body()).toBe('the page');
    expect(origin.seen.at(-1)!.headers['if-none-match']).toBe(etag);
  });
});
