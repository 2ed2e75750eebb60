import { createServer, type RequestListener, type Server } from 'node:http';
import { type Cache, createCache, memoryStore } from '@cache/core';
import { cacheResponse, front } from '@cache/express';
import express, { type Application, type RequestHandler } from 'express';
import type { Peers } from '../peers/install.ts';
import type { PeerName } from '../peers/pinned.ts';

export const peerNames: readonly PeerName[] = ['apicache', 'route-cache'];

/** A server to be measured: what it is called, and the package it needs. */
export interface Subject {
  readonly name: string;
  readonly peer?: PeerName;
  listener(bytes: number, peers: Peers): Promise<RequestListener> | RequestListener;
}

const chunk = Buffer.alloc(65_536, 'x');

/** The page that all of them serve. */
function page(bytes: number): RequestHandler {
  const body = 'x'.repeat(bytes);
  return (_req, res) => void res.type('html').send(body);
}

/** An app with one middleware in front of the page, of a stream of `?stream=` bytes, and of one page per query. */
function app(middleware: RequestHandler | undefined, bytes: number): Application & RequestListener {
  const made = express();
  if (middleware !== undefined) made.use(middleware);
  made.get('/', page(bytes));
  made.get('/stream/:chunks', (req, res) => {
    let left = Number(req.params.chunks);
    res.type('bin');
    const send = (): void => {
      for (; left > 0; left -= 1) if (!res.write(chunk)) return void res.once('drain', () => ((left -= 1), send()));
      res.end();
    };
    send();
  });
  return made;
}

/** Map lookup, writeHead, end: the least that a middleware can do in Express, with the fields that the page has. */
function minimal(bytes: number): RequestHandler {
  const body = Buffer.from('x'.repeat(bytes));
  const headers = { 'Content-Type': 'text/html; charset=utf-8', 'Content-Length': bytes, ETag: 'W/"800-0123456789ab"' };
  const pages = new Map([['/', { headers, body }]]);
  return (req, res, next) => {
    const found = pages.get(req.url);
    if (found === undefined) return next();
    res.writeHead(200, found.headers).end(found.body);
  };
}

interface Apicache {
  options(options: object): { middleware(duration: string): RequestHandler };
}

interface RouteCache {
  cacheSeconds(seconds: number): RequestHandler;
}

const ours: readonly Subject[] = [
  {
    name: 'cacheResponse',
    listener: (bytes) => app(cacheResponse({ cache: boundedCache(), ttl: '1h' }) as RequestHandler, bytes),
  },
  {
    name: 'front',
    listener: (bytes) => {
      const cache = boundedCache();
      return front(app(cacheResponse({ cache, ttl: '1h', front: true }) as RequestHandler, bytes), { cache });
    },
  },
];

function boundedCache(): Cache {
  return createCache({ tiers: [memoryStore({ maxEntries: 10_000, maxBytes: '64mb' })] });
}

export const subjects: readonly Subject[] = [
  {
    name: 'node:http',
    listener: (bytes) => {
      const body = Buffer.from('x'.repeat(bytes));
      const headers = { 'Content-Type': 'text/html; charset=utf-8', 'Content-Length': bytes };
      return (_req, res) => void res.writeHead(200, headers).end(body);
    },
  },
  { name: 'minimal middleware', listener: (bytes) => app(minimal(bytes), bytes) },
  ...ours,
  {
    name: 'apicache',
    peer: 'apicache',
    listener: async (bytes, peers) => {
      const { default: apicache } = await peers.load<{ default: Apicache }>('apicache');
      return app(apicache.options({}).middleware('1 hour'), bytes);
    },
  },
  {
    name: 'route-cache',
    peer: 'route-cache',
    listener: async (bytes, peers) => {
      const { default: routeCache } = await peers.load<{ default: RouteCache }>('route-cache');
      return app(routeCache.cacheSeconds(3_600), bytes);
    },
  },
  { name: 'no cache', listener: (bytes) => app(undefined, bytes) },
];

/** Serves one of them on a free port of the loopback address. */
export async function serve(name: string, bytes: number, peers: Peers): Promise<Server> {
  const subject = subjects.find((each) => each.name === name)!;
  const server = createServer(await subject.listener(bytes, peers));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
