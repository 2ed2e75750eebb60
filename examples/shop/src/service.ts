import { front } from '@cache/express';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { shopApp } from './app.ts';
import { type Counters, openDatabase } from './database.ts';
import { shopQueries } from './queries.ts';
import { shopResources } from './resources.ts';
import { createShopTables } from './schema.ts';

export interface ServiceOptions {
  /** Without one the database is PGlite, in this process. */
  databaseUrl?: string | undefined;
  /** Without one the cache is in memory alone. */
  redisUrl?: string | undefined;
  /** What the Postgres schema is called, and what the keys in Redis begin with. Default `'shop'`. */
  namespace?: string;
  /** Default: a free one. */
  port?: number;
  /** Who has it may purge by `POST /cache`. Without one nobody may. */
  purgeToken?: string | undefined;
  /** Signs the cookies of sessions. Default: a random one, so that sessions end with the process. */
  sessionSecret?: string;
}

export interface Service {
  readonly url: string;
  /** Answers what has been asked, brings what is unwritten to Postgres, and ends all connections. */
  close(): Promise<void>;
}

/** What `GET /stats` answers. */
export interface Stats extends Counters {
  /** Pages whose newest count Postgres does not have yet. */
  readonly unwritten: number;
  readonly redis: 'none' | 'in use' | 'left alone';
}

/** Starts the shop. */
export async function startService(options: ServiceOptions = {}): Promise<Service> {
  const { databaseUrl, redisUrl, namespace = 'shop', port = 0, purgeToken, sessionSecret = randomUUID() } = options;
  const database = await openDatabase({ url: databaseUrl, schema: namespace });
  await createShopTables(database, namespace);

  const db = shopQueries(database);
  const resources = shopResources(db, { namespace, redisUrl });
  const { cache, views } = resources;
  let redis: Stats['redis'] = redisUrl === undefined ? 'none' : 'in use';
  cache.on('storeDown', () => (redis = 'left alone'));
  cache.on('storeUp', () => (redis = 'in use'));
  const stats = (): Stats => ({ ...database.counters, unwritten: views.dirty, redis });

  // Redis may be away: then the shop starts without it, and uses it as soon as it answers.
  await cache.ready({ timeout: '1s' }).catch(() => undefined);

  // Bestsellers that are cached are answered before Express is entered.
  const server = createServer(front(shopApp({ db, resources, stats, purgeToken, sessionSecret }), { cache }));
  // Longer than clients keep an idle connection: the one who closes it should not be the one who is sent a request.
  server.keepAliveTimeout = 65_000;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      // Connections that were in use then fall idle with their answer.
      const sweep = setInterval(() => server.closeIdleConnections(), 20);
      await closed;
      clearInterval(sweep);
      await cache.close();
      await database.close();
    },
  };
}
