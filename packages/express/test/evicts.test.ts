import { connect } from 'node:net';
import { describe, expect, jest, test } from '@jest/globals';
import type { Cache } from '@cache/core';
import type { ErrorRequestHandler } from 'express';
import { evicts, type EvictsOptions } from '../src/index.ts';
import { cacheResponse } from './support/opted-in.ts';
import { warnings } from './support/quiet.ts';
import { type Got, settled, Stage, until, versions } from './support/stage.ts';

const told = warnings();

/** An eviction that lasts until the test lets it end. */
function heldEviction(cache: Cache): { begun: boolean; end(): void; fail(): void } {
  const held = { begun: false, end: (): void => undefined, fail: (): void => undefined };
  const { invalidateTags } = cache;
  jest.spyOn(cache, 'invalidateTags').mockImplementation(async (...tags) => {
    held.begun = true;
    await new Promise<void>((resolve, reject) => {
      held.end = resolve;
      held.fail = () => reject(new Error('store gone'));
    });
    return invalidateTags.call(cache, ...tags);
  });
  return held;
}

function users(framework: (typeof versions)[0][1], extra: Partial<EvictsOptions<{ id: string }>> = {}): Stage {
  const stage = new Stage(framework);
  const { app, cache } = stage;
  let name = 'Ann';
  const tags = (req: { params: { id: string } }): string[] => [`user:${req.params.id}`];
  app.get('/users/:id', cacheResponse({ cache, ttl: '1m', tags }), (_req, res) => void res.json({ name }));
  app.put('/users/:id', evicts({ cache, tags, ...extra }), (req, res) => {
    name = 'Ben';
    res.status(Number(req.get('x-answer') ?? 200)).json({ name });
  });
  return stage;
}

/** The answer to a change whose eviction takes its time: it is not there before that has settled. */
async function heldAnswer(stage: Stage): Promise<Got> {
  const eviction = heldEviction(stage.cache);
  let answered = false;
  const answer = stage.fetch('/users/7', {}, 'PUT').finally(() => (answered = true));
  await until(() => eviction.begun);
  await settled();
  expect(answered).toBe(false);
  eviction.end();
  return answer;
}

describe.each(versions)('%s', (_name, framework) => {
  test('after a change the next read sees it', async () => {
    const stage = users(framework);
    await stage.fetch('/users/7');
    await stage.fetch('/users/8');
    expect((await stage.fetch('/users/7', {}, 'PUT')).status).toBe(200);
    const answer = await stage.fetch('/users/7');
    expect(String(answer.body)).toBe('{"name":"Ben"}');
    expect(answer.headers['cache-status']).toBe('shop; fwd=uri-miss; stored');
    expect(await stage.status('/users/8')).toBe('shop; hit; ttl=60');
  });

  test.each(['400', '404', '409', '500'])('an answer of %s evicts nothing', async (status) => {
    const stage = users(framework);
    await stage.fetch('/users/7');
    await stage.fetch('/users/7', { 'x-answer': status }, 'PUT');
    expect(await stage.status('/users/7')).toBe('shop; hit; ttl=60');
  });

  test.each(['201', '204', '303'])('an answer of %s evicts', async (status) => {
    const stage = users(framework);
    await stage.fetch('/users/7');
    expect((await stage.fetch('/users/7', { 'x-answer': status }, 'PUT')).status).toBe(Number(status));
    expect(await stage.status('/users/7')).toBe('shop; fwd=uri-miss; stored');
  });

  test('the answer is held until the eviction has settled', async () => {
    const stage = users(framework);
    const { status, headers, body } = await heldAnswer(stage);
    expect([status, headers['content-length'], String(body)]).toEqual([200, '14', '{"name":"Ben"}']);
  });

  test('but no longer than the deadline', async () => {
    const stage = users(framework, { deadline: '500ms' });
    const eviction = heldEviction(stage.cache);
    const answer = stage.fetch('/users/7', {}, 'PUT');
    await until(() => eviction.begun);
    await stage.clock.advance(500);
    expect((await answer).status).toBe(200);
  });

  test('an eviction that fails does not fail the answer, and is told', async () => {
    const stage = users(framework);
    const eviction = heldEviction(stage.cache);
    const answer = stage.fetch('/users/7', {}, 'PUT');
    await until(() => eviction.begun);
    eviction.fail();
    expect((await answer).status).toBe(200);
    expect(told).toEqual(['something was not evicted: Error: store gone']);
  });

  test('tags that throw do not fail the answer, and are told', async () => {
    const tags = (): string[] => {
      throw new Error('no such tag');
    };
    const stage = users(framework, { tags });
    expect((await stage.fetch('/users/7', {}, 'PUT')).status).toBe(200);
    expect(told).toEqual(['something was not evicted: Error: no such tag']);
  });

  test('keys that throw keep no tag from being evicted, and are told', async () => {
    const keys = (): string[] => {
      throw new Error('no such key');
    };
    const stage = users(framework, { keys });
    await stage.fetch('/users/7');
    expect((await stage.fetch('/users/7', {}, 'PUT')).status).toBe(200);
    expect(await stage.status('/users/7')).toBe('shop; fwd=uri-miss; stored');
    expect(told).toEqual(['something was not evicted: Error: no such key']);
  });

  test('tags that throw keep no key from being evicted, nor does a key that is none', async () => {
    const tags = (): string[] => {
      throw new Error('no such tag');
    };
    const stage = users(framework, { tags, keys: (req) => ['', `report:${req.params.id}`] });
    await stage.cache.getOrSet('report:7', () => 'old');
    expect((await stage.fetch('/users/7', {}, 'PUT')).status).toBe(200);
    expect(await stage.cache.getOrSet('report:7', () => 'new')).toBe('new');
    expect(told).toEqual(['something was not evicted: Error: no such tag']);
  });

  test('a key that is none keeps no tag from being evicted, and is told', async () => {
    const stage = users(framework, { keys: () => [''] });
    await stage.fetch('/users/7');
    await stage.fetch('/users/7', {}, 'PUT');
    expect(await stage.status('/users/7')).toBe('shop; fwd=uri-miss; stored');
    expect(told).toHaveLength(1);
  });

  test('the answer is held for the other evictions when one fails at once', async () => {
    const stage = users(framework, { keys: () => [''] });
    expect((await heldAnswer(stage)).status).toBe(200);
  });

  test('keys of getOrSet are evicted too', async () => {
    const stage = users(framework, { tags: [], keys: (req) => [`report:${req.params.id}`] });
    await stage.cache.getOrSet('report:7', () => 'old');
    await stage.fetch('/users/7', {}, 'PUT');
    expect(await stage.cache.getOrSet('report:7', () => 'new')).toBe('new');
  });

  test('the last bytes of an announced length are held too', async () => {
    const stage = new Stage(framework);
    const eviction = heldEviction(stage.cache);
    stage.app.put('/', evicts({ cache: stage.cache, tags: ['page'] }), (_req, res) => {
      res.setHeader('Content-Length', 9);
      res.write('abc');
      res.write('def');
      res.write('ghi');
      res.end();
    });
    let got = '';
    const socket = connect(stage.port).on('data', (chunk) => (got += String(chunk)));
    socket.write('PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n');
    await until(() => eviction.begun && got.includes('def'));
    await settled();
    expect(got).toMatch(/\r\n\r\nabcdef$/);
    eviction.end();
    await until(() => got.endsWith('\r\n\r\nabcdefghi'));
    socket.destroy();
  });

  test('a streamed answer comes as it is written, and ends after the eviction', async () => {
    const stage = new Stage(framework);
    const eviction = heldEviction(stage.cache);
    stage.app.put('/', evicts({ cache: stage.cache, tags: ['page'] }), (_req, res) => {
      res.write('one ');
      res.end('two');
    });
    let got = '';
    const socket = connect(stage.port).on('data', (chunk) => (got += String(chunk)));
    socket.write('PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n');
    await until(() => eviction.begun && got.includes('one'));
    expect(got).not.toContain('two');
    eviction.end();
    await until(() => got.endsWith('two\r\n0\r\n\r\n'));
    socket.destroy();
  });

  test('an answer that is cut off after its status evicts', async () => {
    const stage = new Stage(framework);
    const { app, cache } = stage;
    app.get('/a', cacheResponse({ cache, ttl: '1m', tags: ['a'] }), (_req, res) => void res.send('page'));
    app.put('/a', evicts({ cache, tags: ['a'] }), (_req, res) => {
      res.write('changed');
      setImmediate(() => res.destroy());
    });
    await stage.fetch('/a');
    await expect(stage.fetch('/a', {}, 'PUT')).rejects.toThrow(/aborted|hang up/);
    await settled();
    expect(await stage.status('/a')).toContain('miss');
  });

  test('an error after the answer was given cannot change it any more', async () => {
    const stage = new Stage(framework);
    const eviction = heldEviction(stage.cache);
    stage.app.put('/', evicts({ cache: stage.cache, tags: ['page'] }), (_req, res) => {
      res.status(201).json({ made: true });
      res.end('once more');
      res.write('and more');
      throw new Error('too late');
    });
    const onError: ErrorRequestHandler = (_error, _req, res, _next) => {
      if (!res.headersSent) res.status(500).send('failed');
    };
    stage.app.use(onError);
    const answer = stage.fetch('/', {}, 'PUT');
    await until(() => eviction.begun);
    eviction.end();
    const { status, body } = await answer;
    expect([status, String(body)]).toEqual([201, '{"made":true}']);
  });
});
