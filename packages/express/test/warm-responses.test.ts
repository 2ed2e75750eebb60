import { describe, expect, test } from '@jest/globals';
import express from 'express';
import { warmResponses, type WarmProgress } from '../src/index.ts';
import { cacheResponse } from './support/opted-in.ts';
import { warnings as toldWarnings } from './support/quiet.ts';
import { settled, Stage, until, versions } from './support/stage.ts';

const warnings = toldWarnings();

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
      {
        url: `http://${host}/a`,
        stored: true,
        status: 200,
        cacheStatus: 'shop; fwd=uri-miss; stored',
        timedOut: false,
      },
      {
        url: `http://${host}/b?x=1`,
        stored: true,
        status: 200,
        cacheStatus: 'shop; fwd=uri-miss; stored',
        timedOut: false,
      },
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

  /** Pages that are answered when the test says so, or not at all; and what became of their requests. */
  function slowPages(): { stage: Stage; left: string[]; answers: Map<string, () => void> } {
    const stage = new Stage(framework);
    const left: string[] = [];
    const answers = new Map<string, () => void>();
    stage.app.get('/:page', cacheResponse({ cache: stage.cache, ttl: '1m' }), (req, res) => {
      stage.runs += 1;
      res.once('close', () => {
        if (!res.writableFinished) left.push(req.path);
      });
      if (req.path === '/quick') res.send('quick');
      else if (req.path === '/endless') res.write('and so on');
      else answers.set(req.path, () => void res.send('at last'));
    });
    return { stage, left, answers };
  }

  test('a page that takes longer than the timeout is given up, told, and keeps no other from its place', async () => {
    const { stage, left, answers } = slowPages();
    const told: WarmProgress[] = [];
    const urls = ['silent', 'endless', 'quick'].map((page) => `http://localhost:${stage.port}/${page}`);
    const options = { timeout: 30, concurrency: 1, onProgress: (progress: WarmProgress) => void told.push(progress) };
    const warmed = await warmResponses(stage.app, urls, options);
    expect(warmed.map(({ stored, status, timedOut }) => [stored, status, timedOut])).toEqual([
      [false, undefined, true],
      [false, 200, true],
      [true, 200, false],
    ]);
    expect(told.map(({ done, timedOut, last }) => [done, timedOut, last.timedOut])).toEqual([
      [1, 1, true],
      [2, 2, true],
      [3, 2, false],
    ]);
    expect(left).toEqual(['/silent', '/endless']);
    answers.get('/silent')!();
    await settled();
    const asked = stage.status('/silent');
    await until(() => stage.runs === 4);
    answers.get('/silent')!();
    expect(await asked).toContain('uri-miss');
    expect(await stage.status('/quick')).toContain('hit');
  });

  test('who waits for a page that is given up is answered all the same', async () => {
    const { stage, answers } = slowPages();
    const warmed = warmResponses(stage.app, [`http://localhost:${stage.port}/silent`], { timeout: 100 });
    await until(() => stage.runs === 1);
    const waiting = stage.fetch('/silent');
    await warmed;
    await until(() => stage.runs === 2);
    answers.get('/silent')!();
    expect(String((await waiting).body)).toBe('at last');
  });

  test('a signal ends what is under way, and the requests see it', async () => {
    const { stage, left, answers } = slowPages();
    const controller = new AbortController();
    const urls = ['a', 'endless', 'c', 'd'].map((page) => `http://localhost:${stage.port}/${page}`);
    const warmed = warmResponses(stage.app, urls, { concurrency: 2, signal: controller.signal });
    await until(() => stage.runs === 2);
    controller.abort(new Error('that is enough'));
    await expect(warmed).rejects.toThrow('that is enough');
    await settled();
    expect(left.sort()).toEqual(['/a', '/endless']);
    answers.get('/a')!();
    await settled();
    expect(stage.runs).toBe(2);
    const asked = stage.status('/a');
    await until(() => stage.runs === 3);
    answers.get('/a')!();
    expect(await asked).toContain('uri-miss');
  });

  test('a progress function that throws ends the rest too', async () => {
    const { stage, left } = slowPages();
    const onProgress = (): void => {
      throw new Error('no more room for this');
    };
    const urls = ['a', 'quick', 'c', 'd'].map((page) => `http://shop.example/${page}`);
    await expect(warmResponses(stage.app, urls, { concurrency: 2, onProgress })).rejects.toThrow('no more room');
    await settled();
    expect([stage.runs, left]).toEqual([2, ['/a']]);
  });

  test('a thousand at once with one signal bring no warning of too many listeners', async () => {
    const { stage } = slowPages();
    const controller = new AbortController();
    const urls = Array.from({ length: 1_000 }, (_, page) => `http://shop.example/${page}`);
    const warmed = warmResponses(stage.app, urls, { concurrency: 1_000, signal: controller.signal });
    await until(() => stage.runs === 1_000);
    controller.abort(new Error('that is enough'));
    await expect(warmed).rejects.toThrow('that is enough');
    expect(warnings).toEqual([]);
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
    ['no time', [], { timeout: 0 }, /longer than zero/],
    ['a time that is none', [], { timeout: '30 seconds' }, /timeout/],
    ['a field that is no text', [], { headers: { a: 1 } }, /must be request fields/],
    ['a signal that is none', [], { signal: {} }, /must be an AbortSignal/],
  ])('%s', async (_what, urls, options, sentence) => {
    await expect(warmResponses(express(), urls, options)).rejects.toThrow(sentence);
  });
});
