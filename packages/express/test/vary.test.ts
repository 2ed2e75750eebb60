import { describe, expect, test } from '@jest/globals';
import type { CacheResponseOptions } from '../src/index.ts';
import { cacheResponse } from './support/opted-in.ts';
import { Stage, versions } from './support/stage.ts';

function translated(framework: (typeof versions)[0][1], extra: Partial<CacheResponseOptions> = {}): Stage {
  const stage = new Stage(framework);
  stage.app.get('/page', cacheResponse({ cache: stage.cache, ttl: '1m', tags: ['page'], ...extra }), (req, res) => {
    stage.runs += 1;
    res.vary('Accept-Language').send(`in ${req.get('accept-language') ?? 'no language'}`);
  });
  return stage;
}

describe.each(versions)('%s', (_name, framework) => {
  test('each variant is kept, and found by what the request says', async () => {
    const stage = translated(framework);
    const languages: Record<string, string>[] = [
      { 'accept-language': 'de' },
      { 'accept-language': 'fr' },
      { 'accept-language': '' },
      {},
    ];
    for (const headers of languages) await stage.fetch('/page', headers);
    expect(stage.runs).toBe(4);
    const texts = ['in de', 'in fr', 'in ', 'in no language'];
    for (const [index, headers] of languages.entries()) {
      const answer = await stage.fetch('/page', headers);
      expect(answer.headers['cache-status']).toBe('shop; hit; ttl=60');
      expect(String(answer.body)).toBe(texts[index]);
    }
    expect(stage.runs).toBe(4);
  });

  test('the first one is a miss of the URL, the next ones are misses of a variant', async () => {
    const stage = translated(framework);
    expect(await stage.status('/page', { 'accept-language': 'de' })).toBe('shop; fwd=uri-miss; stored');
    expect(await stage.status('/page', { 'accept-language': 'fr' })).toBe('shop; fwd=vary-miss; stored');
    expect(await stage.status('/page', { 'accept-language': 'it' }, 'HEAD')).toBe('shop; fwd=vary-miss');
  });

  test('white space in a list makes no other variant', async () => {
    const stage = translated(framework);
    await stage.fetch('/page', { 'accept-language': 'de,en;q=0.5' });
    expect(await stage.status('/page', { 'accept-language': ' de ,  en;q=0.5 ' })).toBe('shop; hit; ttl=60');
    expect(await stage.status('/page', { 'accept-language': 'd e,en;q=0.5' })).toBe('shop; fwd=vary-miss; stored');
  });

  test('an invalidation takes every variant away', async () => {
    const stage = translated(framework);
    await stage.fetch('/page', { 'accept-language': 'de' });
    await stage.fetch('/page', { 'accept-language': 'fr' });
    await stage.cache.invalidateTags('page');
    await stage.fetch('/page', { 'accept-language': 'fr' });
    expect(await stage.status('/page', { 'accept-language': 'de' })).toBe('shop; fwd=vary-miss; stored');
    expect(stage.runs).toBe(4);
  });

  test('concurrent misses run the handler once for each variant', async () => {
    const stage = new Stage(framework);
    let answer = (): void => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    let arrived = 0;
    stage.app.use((_req, _res, next) => {
      arrived += 1;
      if (arrived === 6) setImmediate(answer);
      next();
    });
    stage.app.get('/page', cacheResponse({ cache: stage.cache, ttl: '1m' }), (req, res) => {
      stage.runs += 1;
      void held.then(() => res.vary('Accept-Language').send(`in ${req.get('accept-language')}`));
    });
    const languages = ['de', 'fr', 'de', 'fr', 'it', 'de'];
    const got = await Promise.all(languages.map((each) => stage.fetch('/page', { 'accept-language': each })));
    expect(got.map(({ body }) => String(body))).toEqual(languages.map((each) => `in ${each}`));
    expect(stage.runs).toBe(3);
  });

  test('a handler that names more fields later gets them respected', async () => {
    const stage = new Stage(framework);
    stage.app.get('/page', cacheResponse({ cache: stage.cache, ttl: '1m' }), (req, res) => {
      stage.runs += 1;
      res.vary('Accept-Language');
      if (req.get('accept-language') === 'de') res.vary('X-Region');
      res.send(`${req.get('accept-language')} ${req.get('x-region')}`);
    });
    const requests: Record<string, string>[] = [
      { 'accept-language': 'fr' },
      { 'accept-language': 'de', 'x-region': 'at' },
      { 'accept-language': 'de', 'x-region': 'ch' },
    ];
    const texts = ['fr undefined', 'de at', 'de ch'];
    for (const time of [1, 2]) {
      for (const [index, headers] of requests.entries()) {
        const { body } = await stage.fetch('/page', headers);
        expect([time, String(body)]).toEqual([time, texts[index]]);
      }
    }
    expect(stage.runs).toBe(3);
  });

  test('a handler that names other fields each time is followed for a while only', async () => {
    const stage = new Stage(framework);
    stage.app.get('/page', cacheResponse({ cache: stage.cache, ttl: '1m' }), (_req, res) => {
      stage.runs += 1;
      res.vary(`X-Field-${stage.runs}`).send('ok');
    });
    const kept = [];
    for (let time = 0; time < 8; time += 1) kept.push(await stage.status('/page', { [`x-field-${time + 1}`]: 'y' }));
    expect(kept.slice(4)).toEqual([
      'shop; fwd=vary-miss; detail=vary',
      ...Array<string>(3).fill('shop; fwd=vary-miss; detail=hit-for-miss'),
    ]);
  });

  test('of more variants than there may be, the least recently used one goes', async () => {
    const stage = translated(framework, { maxVariants: 3 });
    const ask = (language: string): Promise<string> => stage.status('/page', { 'accept-language': language });
    for (const language of ['de', 'fr', 'it']) await ask(language);
    await ask('de');
    await ask('rm');
    expect(await ask('de')).toContain('hit');
    expect(await ask('it')).toContain('hit');
    expect(await ask('rm')).toContain('hit');
    expect(await ask('fr')).toContain('vary-miss');
  });

  test('a thousand made-up languages leave the others’ pages in memory', async () => {
    const stage = translated(framework);
    stage.app.get('/other', cacheResponse({ cache: stage.cache, ttl: '1m' }), (_req, res) => void res.send('ok'));
    await stage.fetch('/other');
    const agentless = Array.from({ length: 1_000 }, (_, index) => `x-${index}`);
    for (const language of agentless) await stage.fetch('/page', { 'accept-language': language });
    expect(await stage.status('/other')).toContain('hit');
    expect(await stage.status('/page', { 'accept-language': 'x-999' })).toContain('hit');
    expect(await stage.status('/page', { 'accept-language': 'x-900' })).toContain('vary-miss');
  });

  test('a field named like a property of every object is a field', async () => {
    const stage = new Stage(framework);
    stage.app.get('/page', cacheResponse({ cache: stage.cache, ttl: '1m' }), (req, res) => {
      res.set('Vary', '__proto__, constructor').send(String(Object.hasOwn(req.headers, 'constructor')));
    });
    await stage.fetch('/page');
    expect(await stage.status('/page')).toContain('hit');
    expect(String((await stage.fetch('/page', { constructor: 'x' })).body)).toBe('true');
  });

  test('what a request says does not show in events', async () => {
    const stage = new Stage(framework);
    const keys: string[] = [];
    stage.cache.on('miss', ({ key }) => keys.push(key));
    const cookie = 'sid=secret';
    stage.app.get('/page', cacheResponse({ cache: stage.cache }), (_req, res) => {
      res.set({ 'Cache-Control': 'public, max-age=60', Vary: 'Cookie' }).send('ok');
    });
    await stage.fetch('/page', { cookie });
    expect(await stage.status('/page', { cookie })).toContain('hit');
    expect(await stage.status('/page', { cookie: 'sid=other' })).toContain('vary-miss');
    expect(keys).toHaveLength(3);
    expect(keys.join()).not.toContain('secret');
  });
});
