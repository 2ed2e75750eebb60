import { connect } from 'node:net';
import { createCache, memoryStore } from '@cache/core';
import { describe, expect, test } from '@jest/globals';
import { responsesOf } from '../src/responses.ts';
import { Origin } from './support/origin.ts';
import { settled, until, versions } from './support/stage.ts';

const fresh = { headers: { 'Cache-Control': 'max-age=60', ETag: '"real"' } };
const line = (method: string, path: string, more = ''): string =>
  `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${more}Connection: close\r\n\r\n`;

describe.each(versions)('what an attacker sends, and what the victim gets, on %s', (_name, framework) => {
  test('HEAD before GET: the victim gets a body', async () => {
    const origin = new Origin(framework, [fresh]);
    await origin.fetch('/', {}, 'HEAD');
    expect(await origin.body()).toBe('run 2');
  });

  test('GET before POST: a POST is never answered from what GET stored', async () => {
    const origin = new Origin(framework, [fresh]);
    await origin.fetch('/');
    expect(String((await origin.fetch('/', {}, 'POST')).body)).toBe('run 2');
  });

  test('a GET with content: what the handler makes of it is not the victim’s', async () => {
    const origin = new Origin(framework, [
      {
        act: (req, res) =>
          void req.once('data', (data) => res.set(fresh.headers).end(data)).once('end', () => res.end('own')),
      },
    ]);
    const content = 'Content-Length: 4\r\n';
    expect(await origin.raw(`${line('GET', '/', content)}evil`)).toMatch(/fwd=bypass; detail=content[^]*evil$/);
    expect(await origin.body()).toBe('own');
    expect(await origin.raw(line('GET', '/', 'Transfer-Encoding: chunked\r\n') + '4\r\nevil\r\n0\r\n\r\n')).toMatch(
      /evil$/,
    );
    expect(await origin.body()).toBe('own');
  });

  test('another host, in the Host field or in an absolute target, leaves the victim’s page as it is', async () => {
    const origin = new Origin(framework, [
      { act: (req, res) => void res.set(fresh.headers).send(`${req.get('host')} ${req.url}`) },
    ]);
    await origin.raw('GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n');
    await origin.raw('GET http://localhost/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n');
    await origin.raw('GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    for (const host of ['evil.example@localhost', 'localhost evil', 'localhost\tevil']) {
      await origin.raw(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    }
    expect(await origin.raw(line('GET', '/'))).toMatch(/\r\n\r\nlocalhost \/$/);
  });

  test('a cloaked parameter: what is hidden in an ignored one makes no page of the victim’s', async () => {
    const origin = new Origin(framework, [{ act: (req, res) => void res.set(fresh.headers).send(`sees ${req.url}`) }], {
      query: { ignore: ['utm_source'] },
    });
    const cloaks = ['utm_source=a;page=evil', 'utm_sourc%65=a%26page=evil', 'utm_source[]=evil', 'UTM_SOURCE=evil'];
    for (const query of cloaks) await origin.raw(line('GET', `/?${query}`));
    expect(await origin.raw(line('GET', '/'))).toContain('sees /');
    expect(await origin.raw(line('GET', '/'))).not.toContain('evil');
  });

  test.each(['bytes=-0', 'bytes=0-0', 'bytes=5-1', 'bytes=0-,0-,0-', `bytes=${'0-0,'.repeat(2_000)}0-0`, 'lines=1-2'])(
    'a part (%.20s) is nobody’s but who asked for it',
    async (range) => {
      const origin = new Origin(framework, [
        {
          act: (req, res) =>
            void res
              .status(req.headers.range === undefined ? 200 : 206)
              .set(fresh.headers)
              .end('whole'),
        },
      ]);
      await origin.fetch('/', { range });
      for (let time = 0; time < 2; time += 1) {
        const victim = await origin.fetch('/');
        expect([victim.status, String(victim.body)]).toEqual([200, 'whole']);
        await origin.fetch('/', { range });
      }
    },
  );

  test('thousands of distinct queries: memory is bounded, and the page that others ask for stays', async () => {
    const tiers = [memoryStore({ maxEntries: 100 })];
    const origin = new Origin(framework, [fresh], { cache: createCache({ namespace: 'shop', tiers }) });
    for (let time = 0; time < 3; time += 1) await origin.fetch('/?hot');
    for (let query = 0; query < 1_000; query += 10) {
      await Promise.all(Array.from({ length: 10 }, (_, at) => origin.fetch(`/?bust=${query + at}`)));
      expect(await origin.status('/?hot')).toContain('hit');
    }
  });

  test('names and parameters by the thousand, of whatever hash, cost little and change nothing', async () => {
    const origin = new Origin(framework, [{ headers: { ...fresh.headers, Vary: 'X-Kind' } }]);
    await origin.raw(line('GET', '/'));
    const names = Array.from({ length: 900 }, (_, at) => `x-${at}: a\r\n`).join('');
    const query = Array.from({ length: 700 }, (_, at) => `k${700 - at}`).join('&');
    const began = performance.now();
    for (let time = 0; time < 20; time += 1) {
      expect(await origin.raw(line('GET', '/', names))).toMatch(/cache-status: shop; hit/i);
      await origin.raw(line('GET', `/?${query}`, names));
    }
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(await origin.raw(line('GET', '/'))).toMatch(/cache-status: shop; hit/i);
    expect(origin.runs).toBe(2);
  });

  test('a leader that stalls holds a thousand others for no longer than maxWait, and leaves nothing behind', async () => {
    const crowd = 1_000;
    let stalls = true;
    const origin: Origin = new Origin(
      framework,
      [{ act: (_req, res) => void (stalls ? (stalls = false) : res.set(fresh.headers).end('page')) }],
      { maxWait: '3s' },
    );
    const leader = connect(origin.port);
    leader.write(line('GET', '/'));
    await until(() => origin.runs === 1);
    const timers = origin.clock.timers;
    let arrived = 0;
    origin.server.on('request', () => (arrived += 1));
    const answers: Promise<string>[] = [];
    // In groups that a server's queue of connections has room for: by default it holds 511, and what is beyond may be refused.
    while (answers.length < crowd) {
      answers.push(...Array.from({ length: 250 }, () => origin.raw(line('GET', '/'))));
      await until(() => arrived === answers.length);
    }
    await settled();
    expect(origin.runs).toBe(1);
    await origin.clock.advance(3_000);
    for (const answer of await Promise.all(answers)) expect(answer).toMatch(/detail=slow[^]*page$/);
    expect(origin.clock.timers).toBeLessThanOrEqual(timers);
    expect(await origin.raw(line('GET', '/'))).toContain('detail=slow');
    leader.destroy();
    await settled();
    await origin.raw(line('GET', '/'));
    expect(await origin.raw(line('GET', '/'))).toMatch(/cache-status: shop; hit/i);
  }, 30_000);

  test('an overridden method in a header: the victim’s GET is a GET', async () => {
    const origin = new Origin(framework, [fresh]);
    await origin.fetch('/', { 'x-http-method-override': 'DELETE' });
    expect(await origin.body()).toBe('run 2');
  });

  test.each(['constructor', 'toString', 'hasOwnProperty'])(
    'Vary: %s tells requests apart by that field',
    async (name) => {
      const origin = new Origin(framework, [{ headers: { ...fresh.headers, Vary: name } }]);
      await origin.raw(line('GET', '/', `${name}: evil\r\n`));
      expect(await origin.raw(line('GET', '/'))).toContain('run 2');
      expect(await origin.raw(line('GET', '/', `${name}: evil\r\n`))).toMatch(/cache-status: shop; hit[^]*run 1/i);
    },
  );

  test('Vary: __proto__ matches nothing: what a request says there does not reach anybody', async () => {
    const origin = new Origin(framework, [{ headers: { ...fresh.headers, Vary: '__proto__' } }]);
    await origin.raw(line('GET', '/', '__proto__: evil\r\n'));
    expect(await origin.raw(line('GET', '/'))).toContain('run 2');
  });

  test('a Vary of a thousand names is not followed', async () => {
    const names = Array.from({ length: 1_000 }, (_, at) => `x-${at}`).join(', ');
    const origin = new Origin(framework, [{ headers: { ...fresh.headers, Vary: names } }]);
    expect(await origin.reuses()).toBe(false);
  });

  test('deception by extension: a personal page at a path that looks static is nobody else’s', async () => {
    const origin = new Origin(
      framework,
      [{ act: (req, res) => void res.send(`account of ${req.get('cookie') ?? 'nobody'}`) }],
      { ttl: '1m' },
    );
    for (const path of ['/account/x.css', '/account;x.css', '/account%2fx.css', '/account%00.css']) {
      await origin.raw(line('GET', path, 'Cookie: sid=victim\r\n'));
      expect(await origin.raw(line('GET', path))).not.toContain('victim');
    }
  });

  test('a condition with an entity-tag of the attacker’s brings no 304 to others', async () => {
    const origin = new Origin(framework, [
      {
        act: (req, res) =>
          void (req.get('if-none-match') === '"evil"' ? res.status(304).end() : res.set(fresh.headers).send('page')),
      },
    ]);
    for (const condition of ['"evil"', '*', 'W/"evil", "evil"']) {
      await origin.fetch(`/${encodeURIComponent(condition)}`, { 'if-none-match': condition });
      const victim = await origin.fetch(`/${encodeURIComponent(condition)}`);
      expect([victim.status, String(victim.body)]).toEqual([200, 'page']);
    }
  });

  test.each<[number, string]>([
    [400, 'X-Bad: \u0001\r\n'],
    [431, 'X-Oversized: yes\r\n'],
    [405, 'X-HTTP-Method: PUT\r\n'],
    [302, 'X-Forwarded-Host: evil.example\r\n'],
  ])('an error or a redirect that a header provokes (%d) is not the victim’s', async (status, field) => {
    const origin = new Origin(framework, [
      {
        act: (req, res) => {
          const provoked = Object.keys(req.headers).some((name) => name.startsWith('x-'));
          res
            .status(provoked ? status : 200)
            .set({ 'Cache-Control': 'max-age=60', Location: '/elsewhere' })
            .end('x');
        },
      },
    ]);
    await origin.raw(line('GET', '/', field));
    expect(await origin.raw(line('GET', '/'))).toMatch(/^HTTP\/1.1 200 /);
  });

  test('a clock that jumps makes nothing fresh that is not, and kills nothing', async () => {
    const origin = new Origin(framework, [fresh]);
    await origin.fetch('/');
    origin.clock.set(-3_600_000);
    expect((await origin.fetch('/')).headers.age).toBe('0');
    await origin.clock.advance(61_000);
    expect(await origin.body()).toBe('run 2');
    origin.clock.set(7_200_000);
    expect((await origin.fetch('/')).status).toBe(200);
  });

  test('ten thousand made-up variants push nobody else out', async () => {
    const origin = new Origin(framework, [{ headers: { ...fresh.headers, Vary: 'X-Kind' } }], { maxVariants: 4 });
    await origin.fetch('/other');
    for (let kind = 0; kind < 40; kind += 1) await origin.fetch('/', { 'x-kind': String(kind) });
    expect(responsesOf(origin.cache).stats().memory.entries).toBeLessThanOrEqual(8);
    expect(await origin.status('/other')).toContain('hit');
  });

  test('a client that stops half way through its request keeps nobody waiting', async () => {
    const origin = new Origin(framework, [fresh]);
    const socket = connect(origin.port);
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n');
    await settled();
    expect(await origin.raw(line('GET', '/'))).toContain('run 1');
    socket.destroy();
  });

  test('pipelined requests are answered each by its own', async () => {
    const origin = new Origin(framework, [{ act: (req, res) => void res.set(fresh.headers).send(req.url) }]);
    for (let time = 0; time < 2; time += 1) {
      const keep = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
      const answer = await origin.raw(keep('/a') + keep('/b') + line('GET', '/c'));
      expect(answer.match(/\r\n\r\n(\/[abc])/g)?.map((each) => each.trim())).toEqual(['/a', '/b', '/c']);
    }
    expect(origin.runs).toBe(3);
  });

  test('a handler that writes its head and then breaks the connection leaves nothing', async () => {
    const origin = new Origin(framework, [
      {
        act: (req, res) => {
          res.set({ ...fresh.headers, 'Content-Length': '9' }).write('half');
          setImmediate(() => req.socket.destroy());
        },
      },
      fresh,
    ]);
    await origin.fetch('/').catch(() => undefined);
    await until(() => origin.runs === 1);
    expect(await origin.body()).toBe('run 2');
  });
});
