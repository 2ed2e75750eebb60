import { describe, expect, test } from '@jest/globals';
import express from 'express';
import { warmResponses, type WarmProgress } from '../src/index.ts';
import { cacheResponse } from './support/opted-in.ts';
import { Stage, until, versions } from './support/stage.ts';

describe.each(versions)('warmResponses on %s', (_name, framework) => {
  test('what was warmed is a hit for the first who asks', async () => {
    const stage = new Stage(framework);
    stage.app.get('/:page', cacheResponse({ cache: stage.cache, ttl: '1m' }), (req, res) => {
      stage.runs += 1;
      res.send(`the page ${req.params.page}`);
    });
    const host = `localhost:${stage.port}`;
    const warmed = await warmResponses(stage.app, [`http://${host}/a`, `http://${host}/b?x=1`]);
    expect(warmed).toEqual([
      { url: `http://${host}/a`, stored: true, status: 200, cacheStatus: 'shop; fwd=uri-miss; stored' },
      { url: `http://${host}/b?x=1`, stored: true, status: 200, cacheStatus: 'shop; fwd=uri-miss; stored' },
    ]);
    expect(await stage.status('/a')).toBe('shop; hit; ttl=60');
    expect(await stage.status('/b?x=1')).toBe('shop; hit; ttl=60');
    const [again] = await warmResponses(stage.app, [`http://${host}/a`]);
    expect(again).toMatchObject({ stored: true, cacheStatus: 'shop; hit; ttl=60' });
    expect(stage.runs).toBe(2);
  });

  test('the variant is warmed that the fields select', async () => {
    const stage = new Stage(framework);
    stage.app.get('/', cacheResponse({ cache: stage.cache, ttl: '1m' }), (req, res) => {
      res.vary('Accept-Language').send(String(req.get('accept-language')));
    });
    const url = `http://localhost:${stage.port}/`;
    const [warmed] = await warmResponses(stage.app, [url], { headers: { 'Accept-Language': 'de' } });
    expect(warmed!.stored).toBe(true);
    expect(await stage.status('/', { 'accept-language': 'de' })).toContain('hit');
    expect(await stage.status('/', { 'accept-language': 'en' })).toContain('vary-miss');
  });

  test('what is not stored is told, with the reason', async () => {
    const stage = new Stage(framework);
    const cache = cacheResponse({ cache: stage.cache, ttl: '1m', maxEntrySize: 100 });
    stage.app.get('/own', cache, (_req, res) => void res.cookie('a', 'b').send('own'));
    stage.app.get('/large', cache, (_req, res) => {
      res.write('x'.repeat(60));
      res.end('x'.repeat(60));
    });
    stage.app.get('/broken', cache, () => {
      throw new Error('broken');
    });
    stage.app.get('/plain', (_req, res) => void res.send('ok'));
    stage.app.use(((_error, _req, res, _next) => void res.sendStatus(500)) as express.ErrorRequestHandler);
    const paths = ['own', 'large', 'broken', 'plain', 'nowhere'];
    const warmed = await warmResponses(
      stage.app,
      paths.map((path) => `http://shop.example/${path}`),
    );
    expect(warmed.map(({ stored, status, cacheStatus }) => [stored, status, cacheStatus])).toEqual([
      [false, 200, 'shop; fwd=uri-miss; detail=set-cookie'],
      [false, 200, 'shop; fwd=uri-miss; stored'],
      [false, 500, 'shop; fwd=uri-miss; detail=status'],
      [false, 200, undefined],
      [false, 404, undefined],
    ]);
  });

  test('no more than so many are under way at once, and each is told of', async () => {
    const stage = new Stage(framework);
    let underway = 0;
    let most = 0;
    stage.app.get('/:page', cacheResponse({ cache: stage.cache, ttl: '1m' }), (_req, res) => {
      underway += 1;
      most = Math.max(most, underway);
      setImmediate(() => {
        underway -= 1;
        res.send('ok');
      });
    });
    const told: WarmProgress[] = [];
    const urls = Array.from({ length: 20 }, (_, page) => `http://shop.example/${page}`);
    await warmResponses(stage.app, urls, { concurrency: 3, onProgress: (progress) => void told.push(progress) });
    expect([most, stage.runs]).toEqual([3, 0]);
    expect(told.map(({ done, total }) => [done, total])).toEqual(urls.map((_url, at) => [at + 1, 20]));
    expect(new Set(told.map(({ last }) => last.url))).toEqual(new Set(urls));
  });

  test('a signal ends the wait for handlers that do not answer', async () => {
    const stage = new Stage(framework);
    stage.app.get('/:page', cacheResponse({ cache: stage.cache, ttl: '1m' }), () => void (stage.runs += 1));
    const controller = new AbortController();
    const urls = Array.from({ length: 9 }, (_, page) => `http://shop.example/${page}`);
    const warmed = warmResponses(stage.app, urls, { concurrency: 2, signal: controller.signal });
    await until(() => stage.runs === 2);
    controller.abort(new Error('that is enough'));
    await expect(warmed).rejects.toThrow('that is enough');
    expect(stage.runs).toBe(2);
    await expect(warmResponses(stage.app, urls, { signal: controller.signal })).rejects.toThrow('that is enough');
    expect(stage.runs).toBe(2);
  });
});

describe('warmResponses refuses', () => {
  test.each<[string, Parameters<typeof warmResponses>[1], object, RegExp]>([
    ['a path', ['/a'], {}, /are absolute.*not "\/a"/],
    ['what is no URL', ['http://a b/'], {}, /are absolute/],
    ['no concurrency', [], { concurrency: 0 }, /whole number from 1/],
    ['another option', [], { concurency: 2 }, /did you mean 'concurrency'\?/],
    ['a field that is no text', [], { headers: { a: 1 } }, /must be request fields/],
    ['a signal that is none', [], { signal: {} }, /must be an AbortSignal/],
  ])('%s', async (_what, urls, options, sentence) => {
    await expect(warmResponses(express(), urls, options)).rejects.toThrow(sentence);
  });
});
