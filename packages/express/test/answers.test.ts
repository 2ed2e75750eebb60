import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Request, Response } from 'express';
import { cacheResponse } from './support/opted-in.ts';
import { type Got, Stage, versions } from './support/stage.ts';

const folder = mkdtempSync(join(tmpdir(), 'cache-express-'));
const file = join(folder, 'page.html');
const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7) % 256));
writeFileSync(file, '<p>from a file</p>');
afterAll(() => rmSync(folder, { recursive: true }));

type Handler = (req: Request, res: Response) => unknown;

const ways: Record<string, Handler> = {
  'res.json': (_req, res) => res.json({ name: 'Añn', list: [1, 2, null] }),
  'res.json with a status': (_req, res) => res.status(404).json({ missing: true }),
  'res.send of a string': (_req, res) => res.send('<p>grüß dich</p>'),
  'res.send of a Buffer': (_req, res) => res.type('application/octet-stream').send(bytes),
  'res.send of nothing': (_req, res) => res.send(),
  'res.sendStatus': (_req, res) => res.sendStatus(410),
  'res.redirect': (_req, res) => res.redirect(301, '/elsewhere'),
  'res.end of nothing': (_req, res) => res.end(),
  'res.end with 204': (_req, res) => res.status(204).end(),
  'res.end of text in another encoding': (_req, res) => res.end('grüß', 'latin1'),
  'res.end with a callback alone': (_req, res) => res.end(() => undefined),
  'res.write and res.end': (_req, res) => {
    res.type('text/plain');
    res.write('one, ');
    res.write(Buffer.from('two, '));
    res.write('dHdv', 'base64');
    res.end('three');
  },
  'res.write with callbacks': (_req, res) => {
    res.write('first', () => res.end('last', () => undefined));
  },
  'res.writeHead with an object': (_req, res) => {
    res.writeHead(203, 'Second Hand', { 'Content-Type': 'text/plain', Link: ['</a>; rel=prev', '</b>; rel=next'] });
    res.end('head and body');
  },
  'res.writeHead with raw headers': (_req, res) => {
    res.writeHead(200, ['Content-Type', 'text/plain', 'X-Case-KEPT', 'yes']);
    res.end('raw');
  },
  'res.writeHead with a status alone': (_req, res) => {
    res.setHeader('X-One', '1');
    res.writeHead(203).end('x');
  },
  'a reason phrase of its own': (_req, res) => {
    res.statusMessage = 'Fine Indeed';
    res.end('ok');
  },
  'repeated headers': (_req, res) => {
    res.append('Link', '</a>; rel=prev');
    res.append('Link', '</b>; rel=next');
    res.setHeader('X-Number', 7);
    res.send('ok');
  },
  'headers flushed before the body': (_req, res) => {
    res.type('text/plain');
    res.flushHeaders();
    res.end('flushed');
  },
  'an announced length': (_req, res) => {
    res.setHeader('Content-Length', 6);
    res.write('abc');
    res.end('def');
  },
  'a piped stream': (_req, res) => Readable.from([bytes.subarray(0, 70_000), bytes.subarray(70_000)]).pipe(res),
  'a pipeline from a file': (_req, res) => pipeline(createReadStream(file), res, () => undefined),
  'res.sendFile without its max-age=0': (_req, res) => res.sendFile(file, { cacheControl: false }),
  'a header that the handler takes away': (_req, res) => {
    res.removeHeader('X-Powered-By');
    res.send('anonymous');
  },
};

describe.each(versions)('%s', (_name, framework) => {
  test.each(Object.entries(ways))('%s comes back from the cache as the handler sent it', async (_way, handler) => {
    const stage = new Stage(framework);
    const counted: Handler = (req, res) => {
      stage.runs += 1;
      return handler(req, res);
    };
    stage.app.get('/plain', (req, res) => void handler(req, res));
    stage.app.get('/cached', cacheResponse({ cache: stage.cache, ttl: '1m' }), (req, res) => void counted(req, res));
    const plain = await stage.fetch('/plain');
    const miss = await stage.fetch('/cached');
    const hit = await stage.fetch('/cached');
    expect(seen(miss)).toEqual(seen(plain));
    expect(seen(hit)).toEqual(seen(plain));
    expect(miss.headers['cache-status']).toBe('shop; fwd=uri-miss; stored');
    expect(miss.headers.age).toBeUndefined();
    expect(hit.headers['cache-status']).toBe('shop; hit; ttl=60');
    expect(hit.headers.age).toBe('0');
    expect(stage.runs).toBe(1);
  });

  test('what a handler adds to a field that middleware has set comes back too', async () => {
    const stage = new Stage(framework);
    stage.app.use((_req, res, next) => {
      res.setHeader('Link', ['<early>']);
      res.setHeader('Vary', ['Origin']);
      next();
    });
    stage.app.get('/', cacheResponse({ cache: stage.cache, ttl: '1m' }), (_req, res) => {
      res.appendHeader('Link', '<late>');
      res.appendHeader('Vary', 'X-Kind');
      res.send('page');
    });
    await stage.fetch('/');
    const { headers } = await stage.fetch('/');
    expect([headers['cache-status'], headers.link, headers.vary]).toEqual([
      expect.stringContaining('hit'),
      '<early>, <late>',
      'Origin, X-Kind',
    ]);
  });

  test('what tells of the body comes back with it, although middleware had set the same for that request', async () => {
    const stage = new Stage(framework);
    stage.app.use((req, res, next) => {
      res.type(String(req.accepts(['html', 'json'])));
      next();
    });
    stage.app.get('/', cacheResponse({ cache: stage.cache, ttl: '1m' }), (_req, res) => {
      res.type('html').send('<b>x</b>');
    });
    await stage.fetch('/', { accept: 'text/html' });
    const { headers } = await stage.fetch('/', { accept: 'application/json' });
    expect([headers['cache-status'], headers['content-type']]).toEqual([
      expect.stringContaining('hit'),
      'text/html; charset=utf-8',
    ]);
  });
});

/** All that an answer is, but for what caches add and for how its end is marked on the wire. */
function seen({ status, message, rawHeaders, body }: Got): unknown {
  const headers: [string, string][] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) headers.push([rawHeaders[at]!, rawHeaders[at + 1]!]);
  const framing = ['cache-status', 'age', 'date', 'connection', 'transfer-encoding', 'content-length'];
  const kept = headers.filter(([name]) => !framing.includes(name.toLowerCase()));
  return { status, message, headers: kept, body: body.toString('base64') };
}
