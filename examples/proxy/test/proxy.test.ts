import { once } from 'node:events';
import { createServer, get, type IncomingMessage, request, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import { proxy } from '../src/proxy.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function listening(listener: RequestListener): Promise<URL> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

/** The proxy in front of an origin that answers like that. */
async function inFrontOf(origin: RequestListener): Promise<URL> {
  return listening(proxy(await listening(origin), { mode: 'strict' }) as RequestListener);
}

async function fetched(url: URL): Promise<{ response: IncomingMessage; body: string; interim: number[] }> {
  const interim: number[] = [];
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { agent: false }, resolve)
      .on('information', ({ statusCode }) => interim.push(statusCode))
      .on('error', reject);
  });
  return { response, body: await text(response), interim };
}

describe('a proxy with a cache in it', () => {
  test('asks its origin once for what may be kept', async () => {
    let asked = 0;
    const url = await inFrontOf((_req, res) => {
      asked += 1;
      res.writeEarlyHints({ link: '</a.css>; rel=preload' });
      res.writeHead(200, [
        'Cache-Control',
        'max-age=60',
        'Set-Cookie',
        'a=b',
        'Set-Cookie',
        'c=d',
        'Connection',
        'X-Hop',
        'X-Hop',
        '1',
      ]);
      res.end('the page');
    });
    const first = await fetched(url);
    expect([first.body, first.interim, first.response.headers['x-hop']]).toEqual(['the page', [103], undefined]);
    const again = await fetched(url);
    expect([again.body, again.response.headers['set-cookie']]).toEqual(['the page', ['a=b', 'c=d']]);
    expect(again.response.headers['cache-status']).toMatch(/^proxy; hit; ttl=\d+$/);
    expect(asked).toBe(1);
  });

  test('validates with its origin what is stale', async () => {
    const conditions: unknown[] = [];
    const url = await inFrontOf((req, res) => {
      conditions.push(req.headers['if-none-match']);
      res.setHeader('Cache-Control', 'no-cache').setHeader('ETag', '"a"');
      if (conditions.length > 1) res.statusCode = 304;
      res.end(conditions.length > 1 ? undefined : 'the page');
    });
    for (let time = 0; time < 2; time += 1) expect((await fetched(url)).body).toBe('the page');
    expect(conditions).toEqual([undefined, '"a"']);
  });

  test.each(['POST', 'DELETE'])(
    'passes on the body of a chunked %s, and nothing after it as another request',
    async (method) => {
      const seen: string[] = [];
      const url = await inFrontOf((req, res) => {
        void text(req).then((body) => {
          seen.push(`${req.method} ${req.url} ${body}`);
          res.end();
        });
      });
      const inner = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
      const onward = request(url, { agent: false, method, headers: { 'Transfer-Encoding': 'chunked' } });
      const [answer] = (await once(onward.end(inner), 'response')) as [IncomingMessage];
      await text(answer);
      expect(seen).toEqual([`${method} / ${inner}`]);
    },
  );

  test('says so where its origin does not answer', async () => {
    const url = await inFrontOf((req) => req.socket.destroy());
    expect((await fetched(url)).response.statusCode).toBe(502);
  });
});
