import { connect } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import type { Request, Response } from 'express';
import type { CacheResponseOptions } from '../src/index.ts';
import { cacheResponse } from './support/opted-in.ts';
import { settled, Stage, until, versions } from './support/stage.ts';

/** A route whose handlers wait until the test answers for them. */
class Held extends Stage {
  readonly waiting: { req: Request; res: Response }[] = [];
  arrived = 0;

  constructor(framework: (typeof versions)[0][1], extra: Partial<CacheResponseOptions> = {}) {
    super(framework);
    this.app.get('/page', cacheResponse({ cache: this.cache, ttl: '1m', ...extra }), (req, res) => {
      this.runs += 1;
      this.waiting.push({ req, res });
    });
    this.server.on('request', () => (this.arrived += 1));
  }

  /** Sends requests one after the other, so that the first of them leads. */
  async send(count: number, headers: Record<string, string> = {}) {
    const answers = [];
    for (let sent = 0; sent < count; sent += 1) {
      const before = this.arrived;
      answers.push(this.fetch('/page', headers));
      await until(() => this.arrived > before);
      await settled();
    }
    return answers;
  }

  /** Has a waiting handler answer. */
  answer(act: (res: Response) => unknown): void {
    act(this.waiting.shift()!.res);
  }
}

describe.each(versions)('%s', (_name, framework) => {
  test('concurrent misses run the handler once', async () => {
    const stage = new Held(framework);
    const answers = await stage.send(5);
    stage.answer((res) => res.json({ run: 1 }));
    const got = await Promise.all(answers);
    expect(got.map(({ body }) => String(body))).toEqual(Array(5).fill('{"run":1}'));
    expect(stage.runs).toBe(1);
    expect(got.map(({ headers }) => headers['cache-status'])).toEqual([
      'shop; fwd=uri-miss; stored',
      ...Array<string>(4).fill('shop; fwd=uri-miss; ttl=60; collapsed'),
    ]);
  });

  test.each(['private', 'no-store'])(
    'all are released by the headers that say %s, before the body has come',
    async (directive) => {
      const stage = new Held(framework);
      const [first, ...others] = await stage.send(3);
      const { res } = stage.waiting.shift()!;
      res.set('Cache-Control', directive).write('for the first alone; ');
      // One of the others takes the lead, learns the same, and the last need not wait for it.
      await until(() => stage.waiting.length === 2);
      stage.answer((each) => each.set('Cache-Control', directive).send('one’s own'));
      stage.answer((each) => each.set('Cache-Control', directive).send('one’s own'));
      expect((await Promise.all(others)).map(({ body }) => String(body))).toEqual(['one’s own', 'one’s own']);
      res.end('the end');
      expect(String((await first!).body)).toBe('for the first alone; the end');
      const [next] = await stage.send(1);
      stage.answer((each) => each.send('ok'));
      expect((await next!).headers['cache-status']).toBe('shop; fwd=uri-miss; detail=hit-for-miss');
    },
  );

  test('a response that can be shared again ends hit-for-miss, and time does', async () => {
    const stage = new Held(framework);
    const statuses = async (act: (res: Response) => unknown): Promise<unknown> => {
      const [answer] = await stage.send(1);
      if (stage.waiting.length > 0) stage.answer(act);
      return (await answer!).headers['cache-status'];
    };
    expect(await statuses((res) => res.sendStatus(503))).toBe('shop; fwd=uri-miss; detail=status');
    expect(await statuses((res) => res.sendStatus(503))).toBe('shop; fwd=uri-miss; detail=hit-for-miss');
    expect(await statuses((res) => res.send('ok'))).toBe('shop; fwd=uri-miss; detail=hit-for-miss');
    expect(await statuses((res) => res.sendStatus(503))).toBe('shop; fwd=uri-miss; detail=status');
    await stage.clock.advance(30_000);
    expect(await statuses((res) => res.send('ok'))).toBe('shop; fwd=uri-miss; stored');
    expect(await statuses((res) => res.send('never'))).toBe('shop; hit; ttl=60');
  });

  test('a follower with a cookie does not get the answer to a stranger', async () => {
    const stage = new Held(framework);
    const [stranger] = await stage.send(1);
    const [alice] = await stage.send(1, { cookie: 'sid=alice' });
    stage.answer((res) => res.send('Hello stranger'));
    await stranger;
    await until(() => stage.waiting.length === 1);
    stage.answer((res) => res.send('Hello Alice'));
    expect(String((await alice!).body)).toBe('Hello Alice');
  });

  test('strangers who waited for somebody with a cookie get an answer of their own, all the same one', async () => {
    const stage = new Held(framework);
    const [alice] = await stage.send(1, { cookie: 'sid=alice' });
    const strangers = await stage.send(3);
    expect(stage.waiting).toHaveLength(1);
    stage.answer((res) => res.send('Hello Alice'));
    await until(() => stage.waiting.length === 1);
    await settled();
    stage.answer((res) => res.send('Hello stranger'));
    expect((await Promise.all(strangers)).map(({ body }) => String(body))).toEqual(Array(3).fill('Hello stranger'));
    expect(String((await alice!).body)).toBe('Hello Alice');
    expect(stage.runs).toBe(2);
  });

  test('nobody waits for a request that the cache has no part in, and it waits for nobody', async () => {
    const stage = new Held(framework);
    const [first] = await stage.send(1);
    const [part] = await stage.send(1, { range: 'bytes=0-1' });
    expect(stage.waiting).toHaveLength(2);
    for (const { res } of stage.waiting) res.end();
    expect((await first!).headers['cache-status']).toBe('shop; fwd=uri-miss; stored');
    expect((await part!).headers['cache-status']).toBe('shop; fwd=uri-miss; detail=range');
  });

  test('a client that goes away stores nothing, and another one takes the lead', async () => {
    const stage = new Held(framework);
    const socket = connect(stage.port);
    socket.write('GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await until(() => stage.waiting.length === 1);
    const { res } = stage.waiting.shift()!;
    const followers = [0, 1].map(() => stage.fetch('/page', { host: 'localhost' }));
    await until(() => stage.arrived === 3);
    await settled();
    res.write('half of ');
    socket.destroy();
    await until(() => stage.waiting.length === 1);
    res.end('the answer');
    await settled();
    expect(stage.waiting).toHaveLength(1);
    stage.answer((each) => each.send('whole'));
    expect((await Promise.all(followers)).map(({ body }) => String(body))).toEqual(['whole', 'whole']);
    expect(stage.runs).toBe(2);
    expect(String((await stage.fetch('/page', { host: 'localhost' })).body)).toBe('whole');
  });

  test('a follower that goes away leaves the others as they are', async () => {
    const stage = new Held(framework);
    const answers = await stage.send(1);
    const socket = connect(stage.port);
    socket.write(`GET /page HTTP/1.1\r\nHost: localhost:${stage.port}\r\n\r\n`);
    await until(() => stage.arrived === 2);
    answers.push(...(await stage.send(1)));
    socket.destroy();
    await settled();
    stage.answer((res) => res.send('whole'));
    expect((await Promise.all(answers)).map(({ body }) => String(body))).toEqual(['whole', 'whole']);
    expect(stage.runs).toBe(1);
  });

  test('a follower that other middleware has answered meanwhile is left alone', async () => {
    const stage = new Stage(framework);
    const waiting: Response[] = [];
    stage.app.use((_req, res, next) => {
      waiting.push(res);
      next();
    });
    stage.app.get('/page', cacheResponse({ cache: stage.cache, ttl: '1m' }), () => {
      stage.runs += 1;
    });
    const leader = stage.fetch('/page');
    await until(() => stage.runs === 1);
    const follower = stage.fetch('/page');
    await until(() => waiting.length === 2);
    await settled();
    waiting[1]!.status(503).send('timed out');
    waiting[0]!.send('whole');
    expect(String((await leader).body)).toBe('whole');
    expect((await follower).status).toBe(503);
    await settled();
    expect(stage.runs).toBe(1);
  });

  test('a handler that fails half way stores nothing, and the others are not cut off', async () => {
    const stage = new Held(framework);
    const [broken, other] = await stage.send(2);
    const failed = broken!.catch(String);
    const { res, req } = stage.waiting.shift()!;
    res.write('half of ');
    req.socket.destroy(new Error('half way'));
    expect(await failed).toMatch(/aborted|hang up/);
    await until(() => stage.waiting.length === 1);
    stage.answer((each) => each.send('whole'));
    expect(String((await other!).body)).toBe('whole');
  });

  test('whoever has waited too long runs the handler, and the slow answer is stored when it comes', async () => {
    const stage = new Held(framework, { maxWait: '2s' });
    const [slow, impatient] = await stage.send(2);
    await stage.clock.advance(1_999);
    expect(stage.waiting).toHaveLength(1);
    await stage.clock.advance(1);
    await until(() => stage.waiting.length === 2);
    const [next] = await stage.send(1);
    expect(stage.waiting).toHaveLength(3);
    const [leader, second, third] = stage.waiting.splice(0);
    second!.res.send('second');
    third!.res.send('third');
    expect(String((await impatient!).body)).toBe('second');
    expect((await impatient!).headers['cache-status']).toBe('shop; fwd=uri-miss; detail=slow');
    expect((await next!).headers['cache-status']).toBe('shop; fwd=uri-miss; detail=slow');
    leader!.res.send('first');
    expect(String((await slow!).body)).toBe('first');
    expect(String((await stage.fetch('/page')).body)).toBe('first');
  });

  test('an invalidation while the handler runs keeps its answer out of the cache', async () => {
    const stage = new Held(framework, { tags: ['users'] });
    const [first] = await stage.send(1);
    await stage.cache.invalidateTags('users');
    const [second] = await stage.send(1);
    expect(stage.waiting).toHaveLength(2);
    stage.answer((res) => res.send('before'));
    expect(String((await first!).body)).toBe('before');
    stage.answer((res) => res.send('after'));
    expect(String((await second!).body)).toBe('after');
    expect(String((await stage.fetch('/page')).body)).toBe('after');
  });

  test('a leader whose client reads slowly does not hold back the others', async () => {
    const body = Buffer.alloc(900_000, 'x');
    const stage = new Held(framework);
    const socket = connect(stage.port);
    socket.pause();
    socket.write(`GET /page HTTP/1.1\r\nHost: localhost:${stage.port}\r\n\r\n`);
    await until(() => stage.waiting.length === 1);
    const [follower] = await stage.send(1);
    const { res } = stage.waiting.shift()!;
    for (let at = 0; at < body.length; at += 100_000) expect(res.write(body.subarray(at, at + 100_000))).toBe(true);
    res.end();
    expect((await follower!).body.equals(body)).toBe(true);
    socket.destroy();
  });
});
