import { describe, expect, test } from '@jest/globals';
import { SharedStoreModel } from '@cache/core/testing';
import type { Request, Response } from 'express';
import type { CacheResponseOptions } from '../../../src/index.ts';
import { cacheResponse } from '../../support/opted-in.ts';
import { Origin } from '../../support/origin.ts';
import { settled, Stage, until, versions } from '../../support/stage.ts';

describe.each(versions)('RFC 9110 §9.3.3 on %s', (_name, framework) => {
  const own = { headers: { 'Cache-Control': 'max-age=60', 'Content-Location': '/a' } };
  const posted = async (reply: object, mode: 'safe' | 'strict'): Promise<string> => {
    const origin = new Origin(framework, [reply], { mode });
    await origin.fetch('/a', { 'if-match': '"x"' }, 'POST');
    expect(origin.seen[0]!.headers['if-match']).toBe('"x"');
    await settled();
    return origin.status('/a');
  };

  test('the answer to a POST that says what its target is now is kept for GET, in strict mode', async () => {
    expect(await posted(own, 'strict')).toBe('shop; hit; ttl=60');
  });

  test.each<[string, object, 'safe' | 'strict']>([
    ['in safe mode', own, 'safe'],
    ['without Content-Location', { headers: { 'Cache-Control': 'max-age=60' } }, 'strict'],
    ['of another URL', { headers: { ...own.headers, 'Content-Location': '/b' } }, 'strict'],
    ['of another origin', { headers: { ...own.headers, 'Content-Location': 'http://evil.example/a' } }, 'strict'],
    ['without freshness', { headers: { 'Content-Location': '/a' } }, 'strict'],
    ['with another status', { ...own, status: 201 }, 'strict'],
    ['that forbids it', { headers: { ...own.headers, 'Cache-Control': 'max-age=60, no-store' } }, 'strict'],
  ])('not one %s', async (_what, reply, mode) => {
    expect(await posted(reply, mode)).toContain('fwd=uri-miss');
  });

  test('it takes the place of what was stored', async () => {
    const origin = new Origin(framework, [own], { mode: 'strict' });
    await origin.fetch('/a');
    expect(await origin.status('/a', {}, 'POST')).toBe('shop; fwd=method; stored');
    await settled();
    expect(await origin.body('/a')).toBe('run 2');
  });

  test('not one that was overtaken by a change, or by an eviction of its tag, while its handler ran', async () => {
    const changes: ((origin: Origin) => Promise<unknown>)[] = [
      (origin) => origin.fetch('/a', {}, 'PUT'),
      (origin) => origin.cache.invalidateTags('t'),
    ];
    for (const change of changes) {
      let end = (): void => undefined;
      const act = (req: Request, res: Response): void => {
        res.set(own.headers);
        if (req.method !== 'POST') return void res.send('later');
        res.write('earlier');
        end = () => void res.end();
      };
      const origin = new Origin(framework, [{ act }], { mode: 'strict', tags: ['t'] });
      const posting = origin.fetch('/a', {}, 'POST');
      await until(() => origin.seen.length === 1);
      await change(origin);
      end();
      await posting;
      await settled();
      expect(await origin.body('/a')).toBe('later');
    }
  });

  test.each<[string, Partial<CacheResponseOptions>, Record<string, string>]>([
    ['that `when` leaves out', { when: (req) => req.get('x-admin') === undefined }, { 'x-admin': 'root' }],
    ['that `unless` leaves out', { unless: (req) => req.get('x-admin') !== undefined }, { 'x-admin': 'root' }],
    ['to a request with no-store', { requestDirectives: true }, { 'cache-control': 'no-store' }],
  ])('not one %s', async (_what, options, headers) => {
    const origin = new Origin(framework, [own], { mode: 'strict', ...options });
    expect(await origin.status('/a', headers, 'POST')).toBe('shop; fwd=method');
    await settled();
    expect(await origin.status('/a')).toContain('fwd=uri-miss');
  });

  test('not where other processes have a part in the cache, whose changes meanwhile nobody could tell', async () => {
    const stage = new Stage(framework, { tiers: [new SharedStoreModel().store()] });
    stage.app.use(
      cacheResponse({ cache: stage.cache, mode: 'strict' }),
      (_req, res) => void res.set(own.headers).send(),
    );
    expect(await stage.status('/a', {}, 'POST')).toBe('shop; fwd=method');
    await settled();
    expect(await stage.status('/a')).toContain('fwd=uri-miss');
  });
});
