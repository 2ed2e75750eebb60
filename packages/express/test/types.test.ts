import { expect, test } from '@jest/globals';
import { CacheError, createCache } from '@cache/core';
import express, { Router } from 'express';
import request from 'supertest';
import { cacheResponse, evicts } from '../src/index.ts';

const cache = createCache();

test('a handler keeps the parameters of its own path', async () => {
  const app = express();
  const tags = (req: { params: Record<string, string> }): string[] => [`user:${req.params['id']}`];
  app.get('/users/:id', cacheResponse({ cache, ttl: '1m', tags }), (req, res) => {
    const id: string = req.params.id;
    // @ts-expect-error the path has no such parameter
    res.json({ id, name: req.params.name });
  });
  app.put('/users/:id', evicts({ cache, tags: (req, res) => [`user:${req.params['id']}:${res.statusCode}`] }));
  app.use(cacheResponse({ cache }), Router().use(cacheResponse({ cache })));
  await request(app).get('/users/7').expect(200, { id: '7' });
});

test('a path with a list in it can say so', async () => {
  const app = express();
  const middleware = cacheResponse<{ path: string[] }>({ cache, ttl: '1m', tags: (req) => req.params.path });
  app.get('/files/*path', middleware, (_req, res) => void res.send('ok'));
  await request(app)
    .get('/files/a/b')
    .expect('Cache-Status', /stored/);
  await cache.invalidateTags('b');
  await request(app)
    .get('/files/a/b')
    .expect('Cache-Status', /stored/);
});

test('what the types refuse is refused at construction too', () => {
  // @ts-expect-error there is no such option
  expect(() => cacheResponse({ cache, tttl: '1m' })).toThrow(CacheError);
  // @ts-expect-error a duration has a unit that exists
  expect(() => cacheResponse({ cache, ttl: '1 minute' })).toThrow(CacheError);
  // @ts-expect-error either the one list or the other
  expect(() => cacheResponse({ cache, query: { only: [] } })).toThrow(CacheError);
  // @ts-expect-error a scope is a function
  expect(() => cacheResponse({ cache, scope: 'user' })).toThrow(CacheError);
  // @ts-expect-error the cache is needed
  expect(() => evicts({ tags: ['a'] })).toThrow(CacheError);
});
