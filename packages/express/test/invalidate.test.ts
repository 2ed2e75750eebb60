import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import express, { type Request, type Response } from 'express';
import type { CacheResponseOptions } from '../src/index.ts';
import { cacheResponse } from './support/opted-in.ts';
import { Origin } from './support/origin.ts';
import { warnings } from './support/quiet.ts';
import { settled, Stage, until, versions } from './support/stage.ts';

const told = warnings();
const fresh = { headers: { 'Cache-Control': 'max-age=60' } };

describe.each(versions)('an unsafe request on %s', (_name, framework) => {
  const [alice, bob] = [{ 'x-user': 'alice' }, { 'x-user': 'bob' }];
  const distinctions: [string, Partial<CacheResponseOptions>][] = [
    ['the scope of a user', { scope: (req) => req.get('x-user') }],
    ['a key of the route', { key: (req) => req.get('x-user') }],
    ['a field in the key', { vary: ['X-User'] }],
    ['a part of a field in the key', { vary: { 'X-User': (value) => value?.slice(0, 1) ?? '' } }],
  ];

  test.each(distinctions)('what is kept apart by %s goes too, whoever it was for', async (_what, options) => {
    const origin = new Origin(framework, [fresh], options);
    for (const path of ['/a?x=1&y=2', '/b']) for (const user of [alice, bob]) await origin.fetch(path, user);
    await origin.fetch('/a?y=2&x=1', alice, 'POST');
    for (const user of [alice, bob]) {
      expect(await origin.status('/a?x=1&y=2', user)).toContain('miss');
      expect(await origin.status('/b', user)).toContain('hit');
    }
    await origin.fetch('/b', {}, 'DELETE');
    for (const user of [alice, bob]) expect(await origin.status('/b', user)).toContain('miss');
  });

  test.each(distinctions)('so does what is kept apart by %s where Location names it', async (_what, options) => {
    const origin = new Origin(framework, [fresh], options);
    for (const user of [alice, bob]) await origin.fetch('/new?x=1', user);
    await origin.answering({ status: 201, headers: { Location: 'new?x=1' } }).fetch('/list', alice, 'POST');
    origin.answering(fresh);
    for (const user of [alice, bob]) expect(await origin.status('/new?x=1', user)).toContain('miss');
  });

  test('what another route keeps of the URL goes too, by its own rule for queries', async () => {
    const stage = new Stage(framework);
    const { app, cache } = stage;
    const read = cacheResponse({ cache, ttl: '1m', key: () => 'of a reader', query: { allow: ['page'] } });
    app.get('/a', read, (_req, res) => void res.send('read'));
    app.use(cacheResponse({ cache }));
    app.post('/a', (_req, res) => void res.send('changed'));
    await stage.fetch('/a?page=1');
    expect(await stage.status('/a?page=1')).toContain('hit');
    await stage.fetch('/a?utm=x&page=1', {}, 'POST');
    expect(await stage.status('/a?page=1')).toContain('miss');
  });

  test.each<[string, Partial<CacheResponseOptions>]>([
    ['a scope', { scope: failing }],
    ['a key', { key: failing }],
  ])('the function for %s that throws hides no change', async (_what, options) => {
    const origin = new Origin(framework, [fresh], { ...options, when: () => true });
    await origin.fetch('/a', alice);
    expect(await origin.status('/a', alice)).toContain('hit');
    await origin.fetch('/a', { 'x-fails': '1' }, 'POST');
    expect(await origin.status('/a', alice)).toContain('miss');
    expect(told).toHaveLength(1);
  });

  const forwarding = ['x-forwarded-host', 'forwarded', 'x-forwarded-proto', 'x-original-url', 'x-http-method-override'];
  const treatments = ['bypass', 'strip', 'key'] as const;
  const hiding = forwarding.flatMap((field) => treatments.map((unkeyedHeaders) => ({ field, unkeyedHeaders })));

  test.each(hiding)(
    'no $field from anybody hides a change, with $unkeyedHeaders',
    async ({ field, unkeyedHeaders }) => {
      const origin = new Origin(framework, [fresh], { unkeyedHeaders });
      await origin.fetch('/a');
      await origin.fetch('/dir/new');
      origin.answering({ ...fresh, headers: { ...fresh.headers, Location: '/dir/new' } });
      await origin.fetch('/a', { [field]: 'evil.example' }, 'POST');
      origin.answering(fresh);
      expect(await origin.status('/a')).toContain('miss');
      expect(await origin.status('/dir/new')).toContain('miss');
    },
  );

  test('what is kept by such a field, where it is in the key, goes with the rest', async () => {
    const origin = new Origin(framework, [fresh], { unkeyedHeaders: 'key' });
    for (const host of ['a.example', 'b.example']) await origin.fetch('/a', { 'x-forwarded-host': host });
    await origin.fetch('/a', {}, 'POST');
    for (const host of ['a.example', 'b.example']) {
      expect(await origin.status('/a', { 'x-forwarded-host': host })).toContain('miss');
    }
  });

  describe('behind a trusted proxy', () => {
    const internal = 'app.internal:8080';
    const proxied = (scheme = 'https') => ({
      host: internal,
      'x-forwarded-host': 'Shop.example',
      'x-forwarded-proto': scheme,
    });
    const trusting = (): Origin => {
      const origin = new Origin(framework, [fresh]);
      origin.app.set('trust proxy', true);
      return origin;
    };

    test('a change reaches what was asked for by another scheme or another proxy', async () => {
      const origin = trusting();
      const others = [proxied('http'), { ...proxied(), host: 'other.internal' }, { host: 'shop.example' }, proxied()];
      for (const other of others) await origin.fetch('/a', other);
      await origin.fetch('/a', proxied(), 'POST');
      for (const other of others) expect(await origin.status('/a', other)).toContain('miss');
    });

    test('a host that the client has made the proxy tell hides no change', async () => {
      const origin = trusting();
      await origin.fetch('/a', { host: internal });
      await origin.fetch('/a', { host: internal, 'x-forwarded-host': 'evil.example' }, 'POST');
      expect(await origin.status('/a', { host: internal })).toContain('miss');
    });

    test.each(['ftp', 'https, http', ''])('the scheme %p hides no change either', async (scheme) => {
      const origin = trusting();
      await origin.fetch('/a', { host: internal });
      await origin.fetch('/dir/new', { host: internal });
      origin.answering({ status: 201, headers: { Location: '/dir/new' } });
      await origin.fetch('/a', { host: internal, 'x-forwarded-proto': scheme }, 'POST');
      origin.answering(fresh);
      for (const path of ['/a', '/dir/new']) expect(await origin.status(path, { host: internal })).toContain('miss');
    });

    test('what Location names at the host that clients know is of this origin', async () => {
      const origin = trusting();
      await origin.fetch('/new', proxied());
      const naming = (place: string): Origin => origin.answering({ status: 201, headers: { Location: place } });
      for (const place of ['https://evil.example/new', 'http://shop.example/new', 'ftp://shop.example/new']) {
        await naming(place).fetch('/list', proxied(), 'POST');
        expect(await origin.answering(fresh).status('/new', proxied())).toContain('hit');
      }
      await naming('https://shop.example/new').fetch('/list', proxied(), 'POST');
      expect(await origin.answering(fresh).status('/new', proxied())).toContain('miss');
    });
  });

  test('a target in absolute form is invalidated at its own host and at that of the Host field', async () => {
    const origin = new Origin(framework, [fresh]);
    const hosts = ['a.example', 'b.example', 'c.example'];
    for (const host of hosts) await origin.fetch('/a?x=1', { host });
    await origin.raw(
      'POST http://a.example/a?x=1 HTTP/1.1\r\nHost: b.example\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
    );
    const found = await Promise.all(hosts.map((host) => origin.status('/a?x=1', { host })));
    expect(found.map((status) => status.includes('hit'))).toEqual([false, false, true]);
  });

  test.each(["/items?name=O'Brien", '/items?f={a}', '/items/a/../b', '/items/%2e%2e/b'])(
    'a URL in Location is the one that is written there: %s',
    async (path) => {
      const origin = new Origin(framework, [fresh]);
      for (const location of [path, `http://localhost:${origin.port}${path}#here`]) {
        await origin.answering(fresh).fetch(path);
        expect(await origin.status(path)).toContain('hit');
        await origin.answering({ status: 201, headers: { Location: location } }).fetch('/list', {}, 'POST');
        expect(await origin.answering(fresh).status(path)).toContain('miss');
      }
    },
  );

  test.each(['its client', 'its handler'])(
    'an answer that %s cuts off has changed what it says all the same',
    async (who) => {
      const begin = (_req: Request, res: Response): void => {
        res.write('changed');
        if (who === 'its handler') setImmediate(() => res.destroy());
      };
      const origin = new Origin(framework, [fresh]);
      await origin.fetch('/a');
      origin.answering({ act: begin });
      const socket = connect(origin.port);
      socket.on('error', () => undefined);
      socket.write('PUT /a HTTP/1.1\r\nHost: localhost:' + origin.port + '\r\nContent-Length: 0\r\n\r\n');
      await once(socket, 'data');
      socket.destroy();
      await until(() => origin.seen.length === 2);
      await settled(100);
      expect(await origin.answering(fresh).status('/a')).toContain('miss');
    },
  );

  test('an answer of which its client has seen no status has not changed anything yet', async () => {
    let answer = (): void => undefined;
    const origin = new Origin(framework, [fresh]);
    await origin.fetch('/a');
    origin.answering({ act: (_req, res) => (answer = () => void res.send('changed')) });
    const socket = connect(origin.port);
    socket.write('PUT /a HTTP/1.1\r\nHost: localhost:' + origin.port + '\r\nContent-Length: 0\r\n\r\n');
    await until(() => origin.seen.length === 2);
    socket.destroy();
    await settled(100);
    expect(await origin.answering(fresh).status('/a')).toContain('hit');
    answer();
    await settled();
    expect(await origin.status('/a')).toContain('miss');
  });

  test('a URL too long to be kept hides no change of the one that it stands for', async () => {
    const origin = new Origin(framework, [fresh], { query: { allow: ['x'] } });
    await origin.fetch('/a?x=1');
    await origin.fetch(`/a?x=1&y=${'y'.repeat(6_000)}`, {}, 'POST');
    expect(await origin.status('/a?x=1')).toContain('miss');
  });
});

/** A function of a route that throws for some requests. */
function failing(req: Request): string | undefined {
  if (req.get('x-fails') !== undefined) throw new Error('no user is known');
  return req.get('x-user');
}

describe.each(versions)('what is on its way on %s', (_name, framework) => {
  const routes: [string, Partial<CacheResponseOptions>][] = [
    ['by its URL alone', {}],
    ['by more than its URL', { key: () => 'more' }],
  ];

  /** Two who ask for `/slow`, with a change of a URL between them; the handler is to run so often for them. */
  async function expectRuns(expected: number, changed: string, options: Partial<CacheResponseOptions>): Promise<void> {
    let runs = 0;
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const act = (req: Request, res: Response): void => {
      if (req.method !== 'GET') return void res.send('changed');
      runs += 1;
      void finished.then(() => res.set(fresh.headers).send('slow'));
    };
    const origin = new Origin(framework, [{ act }], options);
    const asking = [origin.fetch('/slow')];
    await until(() => runs === 1);
    await origin.fetch(changed, {}, 'POST');
    asking.push(origin.fetch('/slow'));
    await until(() => runs === expected);
    await settled(100);
    finish();
    await Promise.all(asking);
    expect(runs).toBe(expected);
  }

  test.each(routes)(
    'and kept %s is waited for by others all the same when another URL changes',
    async (_what, route) => {
      await expectRuns(1, '/other', route);
    },
  );

  test.each(routes)(
    'and kept %s is not waited for by those who ask after its own URL has changed',
    async (_what, route) => {
      await expectRuns(2, '/slow', route);
    },
  );
});

test('a load of another resource is shared by all who ask, whatever URL changes', async () => {
  const origin = new Origin(express, [fresh]);
  let finish = (_value: string): void => undefined;
  let loads = 0;
  const load = (): Promise<string> => {
    loads += 1;
    return new Promise((resolve) => (finish = resolve));
  };
  const asking = [origin.cache.getOrSet('report', load)];
  await until(() => loads === 1);
  await origin.fetch('/a', {}, 'POST');
  asking.push(origin.cache.getOrSet('report', load));
  await settled();
  finish('done');
  expect([await Promise.all(asking), loads]).toEqual([['done', 'done'], 1]);
});
