import { createCache } from '@cache/core';
import { cacheResponse, type CacheResponseOptions } from '@cache/express';
import express, { type Express } from 'express';
import { forward } from './forward.ts';

/** An app in front of an origin that answers what it can from its cache, in memory. */
export function proxy(origin: URL, options: Omit<CacheResponseOptions, 'cache'> = {}): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(cacheResponse({ cache: createCache({ namespace: 'proxy' }), ...options }), forward(origin));
  return app;
}
