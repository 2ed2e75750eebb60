import { describe, expect, test } from '@jest/globals';
import type { NextFunction, Request, Response } from 'express';
import type { CacheResponseOptions } from '../src/index.ts';
import { cacheResponse } from './support/opted-in.ts';
import { warnings } from './support/quiet.ts';
import { frameworks, inFront, Stage, versions } from './support/stage.ts';

type Extra = Partial<CacheResponseOptions>;
type Middleware = (req: Request, res: Response, next: NextFunction) => void;

/** A page that greets whoever asks, by whatever tells who that is, and says of caching only what a test wants. */
function greeting(framework: (typeof versions)[0][1], headers: Record<string, string | string[]>, extra: Extra = {}) {
  const stage = new Stage(framework);
  stage.app.use(((req, _res, next) => {
    const { 'x-user': user, 'x-session': session } = req.headers;
    if (user !== undefined) Object.assign(req, { user: { name: user } });
    if (session !== undefined) Object.assign(req, { session: { name: session } });
    next();
  }) as Middleware);
  stage.app.get('/page', cacheResponse({ cache: stage.cache, ttl: '1m', ...extra }), (req, res) => {
    stage.runs += 1;
    const { authorization, cookie, 'x-user': user, 'x-session': session } = req.headers;
    res.set(headers).send(`Hello ${String(authorization ?? cookie ?? user ?? session ?? 'stranger')}`);
  });
  return stage;
}

const alice: Record<string, Record<string, string>> = {
  Authorization: { authorization: 'Bearer alice' },
  Cookie: { cookie: 'sid=alice' },
  'req.user': { 'x-user': 'alice' },
  'req.session': { 'x-session': 'alice' },
};

const told = warnings();

describe.each(versions)('%s', (_name, framework) => {
  // In front of Express only what a request says itself is seen.
  const users = Object.entries(alice).filter(([name]) => framework !== inFront || !name.startsWith('req.'));
  describe.each(users)('a request with %s', (_what, own) => {
    const bob = Object.fromEntries(Object.keys(own).map((name) => [name, own[name]!.replace('alice', 'bob')]));

    test('is not answered with what a stranger got', async () => {
      const stage = greeting(framework, {});
      await stage.fetch('/page');
      const answer = await stage.fetch('/page', own);
      expect(String(answer.body)).toContain('alice');
      expect(answer.headers['cache-status']).toMatch(/^shop; fwd=request; detail=\w+$/);
    });

    test('leaves nothing that a stranger or another user could get', async () => {
      const stage = greeting(framework, {});
      expect(String((await stage.fetch('/page', own)).body)).toContain('alice');
      expect(String((await stage.fetch('/page')).body)).toBe('Hello stranger');
      expect(String((await stage.fetch('/page', bob)).body)).toContain('bob');
      expect(String((await stage.fetch('/page', own)).body)).toContain('alice');
    });

    test('does not keep strangers from their cached page', async () => {
      const stage = greeting(framework, {});
      for (let time = 0; time < 3; time += 1) await stage.fetch('/page', own);
      await stage.fetch('/page');
      expect(await stage.status('/page')).toBe('shop; hit; ttl=60');
    });

    test.each(['public', 's-maxage=60'])('shares what says %s', async (directive) => {
      const stage = greeting(framework, { 'Cache-Control': directive });
      await stage.fetch('/page', own);
      expect(await stage.status('/page', bob)).toBe('shop; hit; ttl=60');
      expect(await stage.status('/page')).toBe('shop; hit; ttl=60');
    });

    test('is answered from the cache of its own scope only', async () => {
      const stage = greeting(
        framework,
        { 'Cache-Control': 'private' },
        { scope: (req) => req.headers[Object.keys(own)[0]!] as string | undefined },
      );
      await stage.fetch('/page', own);
      const again = await stage.fetch('/page', own);
      expect(again.headers['cache-status']).toBe('shop; hit; ttl=60');
      expect(String(again.body)).toContain('alice');
      expect(String((await stage.fetch('/page', bob)).body)).toContain('bob');
      const stranger = await stage.fetch('/page');
      expect(String(stranger.body)).toBe('Hello stranger');
      expect(stranger.headers['cache-status']).toBe('shop; fwd=bypass; detail=scope');
    });
  });

  test('must-revalidate shares the answer to Authorization, but not the one to a cookie', async () => {
    const stage = greeting(framework, { 'Cache-Control': 'max-age=60, must-revalidate' });
    await stage.fetch('/page', { authorization: 'Bearer alice' });
    expect(await stage.status('/page', { authorization: 'Bearer bob' })).toBe('shop; hit; ttl=60');
    const both = { authorization: 'Bearer bob', cookie: 'sid=bob' };
    expect(await stage.status('/page', both)).toBe('shop; fwd=request; detail=cookie');
  });

  test('what middleware after the cache finds out about the user counts too', async () => {
    const stage = new Stage(framework);
    stage.app.use(cacheResponse({ cache: stage.cache, ttl: '1m' }));
    stage.app.use(((req, _res, next) => {
      const key = req.headers['x-api-key'];
      if (key !== undefined) Object.assign(req, { user: key });
      next();
    }) as Middleware);
    stage.app.get('/', (req, res) => void res.send(`Hello ${String(req.headers['x-api-key'])}`));
    expect(await stage.status('/', { 'x-api-key': 'alice' })).toBe('shop; fwd=uri-miss; detail=user');
    expect(String((await stage.fetch('/', { 'x-api-key': 'bob' })).body)).toBe('Hello bob');
  });

  test('a user that cannot even be read is somebody', async () => {
    const stage = new Stage(framework);
    stage.app.use(((req, _res, next) => {
      Object.defineProperty(req, 'session', {
        get: () => {
          throw new Error('no store');
        },
      });
      next();
    }) as Middleware);
    stage.app.get('/', cacheResponse({ cache: stage.cache, ttl: '1m' }), (_req, res) => void res.send('ok'));
    expect(await stage.status('/')).toBe('shop; fwd=uri-miss; detail=session');
  });

  test.each<[string, string, string | string[]]>([
    ['private', 'Cache-Control', 'private'],
    ['private', 'Cache-Control', 'max-age=60, PRIVATE'],
    ['private', 'Cache-Control', 'public; private'],
    ['private', 'Cache-Control', 'max-age=60 , private="set-cookie"'],
    ['private', 'Cache-Control', 'foo="bar, private'],
    ['private', 'Cache-Control', ['max-age=60', 'private']],
    ['no-store', 'Cache-Control', 'public, max-age=60, no-store'],
    ['no-store', 'Cache-Control', 'No-Store=now'],
    ['set-cookie', 'Set-Cookie', 'sid=alice'],
    ['vary', 'Vary', '*'],
    ['vary', 'Vary', 'accept, *'],
    ['vary', 'Vary', 'not a name'],
    ['vary', 'Vary', 'a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q'],
    ['content-range', 'Content-Range', 'bytes 0-1/2'],
    ['event-stream', 'Content-Type', 'text/event-stream'],
  ])('a response with %s is not kept (%s: %s)', async (reason, name, value) => {
    const stage = greeting(framework, { [name]: value });
    expect(await stage.status('/page')).toBe(`shop; fwd=uri-miss; detail=${reason}`);
    await stage.fetch('/page');
    expect(stage.runs).toBe(2);
  });

  test.each([206, 302, 304, 400, 401, 403, 405, 414, 429, 500, 501, 503])('a silent %d is not kept', async (status) => {
    const stage = new Stage(framework);
    stage.app.get('/', cacheResponse({ cache: stage.cache, ttl: '1m' }), (_req, res) => void res.status(status).end());
    expect(await stage.status('/')).toBe('shop; fwd=uri-miss; detail=status');
    expect(await stage.status('/')).toBe('shop; fwd=uri-miss; detail=hit-for-miss');
  });

  test('a route says which cookies it does not care about', async () => {
    const stage = greeting(framework, {}, { cookies: { ignore: ['theme', /^_ga/g] } });
    await stage.fetch('/page', { cookie: 'theme=dark; _ga_X1=1; _ga=2' });
    expect(await stage.status('/page', { cookie: ' _ga_X1=2;; theme=light;' })).toBe('shop; hit; ttl=60');
    expect(await stage.status('/page', { cookie: 'theme=dark; sid=1' })).toBe('shop; fwd=request; detail=cookie');
    expect(await stage.status('/page', { cookie: '_gab=1; atheme=2' })).toBe('shop; fwd=request; detail=cookie');
  });

  test('a scope that is not known, wrong or broken leaves the request to the handler', async () => {
    for (const scope of [() => '', () => undefined, () => 7 as never, () => Promise.resolve('alice') as never]) {
      const stage = greeting(framework, {}, { scope });
      await stage.fetch('/page');
      expect(await stage.status('/page')).toBe('shop; fwd=bypass; detail=scope');
    }
    const broken: Extra = {
      scope: (req) => (req as Request & { user: { id: string } }).user.id,
    };
    const stage = greeting(framework, {}, broken);
    for (let time = 0; time < 3; time += 1) {
      expect(await stage.status('/page')).toBe('shop; fwd=bypass; detail=scope');
    }
    // Each route that is wrong tells it once; having no scope is not wrong.
    expect(told).toHaveLength(4);
    expect(told.at(-1)).toMatch(
      /^responses are not cached, since a function of the route failed: TypeError: Cannot read/,
    );
  });
});

describe.each(frameworks)('a user whom requests inherit from the app, on %s', (_name, framework) => {
  const greetings = (): Stage => {
    const stage = new Stage(framework);
    stage.app.get('/:page', cacheResponse({ cache: stage.cache, ttl: '1m' }), (req, res) => {
      res.send(`Hello ${req.get('x-user') ?? 'stranger'}`);
    });
    return stage;
  };
  const inherit = ({ app }: Stage): void => {
    const get = function (this: Request): string | undefined {
      return this.get('x-user');
    };
    Object.defineProperty(app.request, 'user', { get });
  };
  const says = async (stage: Stage, path: string, user?: string): Promise<string> =>
    String((await stage.fetch(path, user === undefined ? {} : { 'x-user': user })).body);

  test('is somebody of their own', async () => {
    const stage = greetings();
    inherit(stage);
    expect(await says(stage, '/a')).toBe('Hello stranger');
    expect(await says(stage, '/a', 'alice')).toBe('Hello alice');
    expect(await says(stage, '/b', 'alice')).toBe('Hello alice');
    expect(await says(stage, '/b', 'bob')).toBe('Hello bob');
  });

  test('leaves nothing for others, even if others have come before there was one', async () => {
    const stage = greetings();
    await says(stage, '/a');
    await says(stage, '/a');
    inherit(stage);
    expect(await says(stage, '/b', 'alice')).toBe('Hello alice');
    expect(await says(stage, '/b')).toBe('Hello stranger');
    expect(await says(stage, '/a', 'bob')).toBe('Hello bob');
  });
});
