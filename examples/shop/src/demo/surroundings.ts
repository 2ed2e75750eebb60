import { findPostgres, findRedis, ServerNotFound, startPostgres, startRedis, type RedisServer } from '@cache/servers';
import pg from 'pg';
import { createClient } from 'redis';

/** The servers that the demo runs on. */
export interface Surroundings {
  /** `undefined` means PGlite, in the service's own process. */
  readonly databaseUrl: string | undefined;
  /** `undefined` means a cache in memory alone. */
  readonly redisUrl: string | undefined;
  /** The Redis, if it is the demo's own to freeze and to kill. */
  readonly ownRedis: RedisServer | undefined;
  /** What they are, for people. */
  readonly postgres: string;
  readonly redis: string;
  /** Stops what was started; from servers that were there before it removes what is in the namespace. */
  stop(): Promise<void>;
}

/** Takes the servers that the environment names, else starts some, else does without. */
export async function findSurroundings(namespace: string): Promise<Surroundings> {
  const ends: (() => Promise<void>)[] = [];
  const stop = async () => void (await Promise.all(ends.splice(0).map((end) => end())));
  try {
    const [postgres, redis] = await Promise.all([postgresFor(namespace, ends), redisFor(namespace, ends)]);
    return {
      databaseUrl: postgres.url,
      postgres: postgres.is,
      redisUrl: redis.url,
      redis: redis.is,
      ownRedis: redis.own,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function postgresFor(namespace: string, ends: (() => Promise<void>)[]) {
  const origin = await orNone(findPostgres());
  if (origin === undefined)
    return { url: undefined, is: 'PGlite (there is no Postgres server here, and none can be fetched)' };
  if (origin.from === 'environment') {
    const version = await askPostgres(origin.url, 'show server_version');
    ends.push(async () => void (await askPostgres(origin.url, `drop schema if exists ${namespace} cascade`)));
    return { url: origin.url, is: `${version}, the one in DATABASE_URL, in a schema of its own` };
  }
  const server = await startPostgres();
  ends.push(() => server.stop());
  return { url: server.url, is: `${await askPostgres(server.url, 'show server_version')}, started for this demo` };
}

async function redisFor(namespace: string, ends: (() => Promise<void>)[]) {
  const origin = await orNone(findRedis());
  if (origin === undefined) {
    return {
      url: undefined,
      own: undefined,
      is: 'none (there is no redis-server here, and none can be fetched): memory alone',
    };
  }
  if (origin.from === 'environment') {
    const version = await redisVersion(origin.url);
    ends.push(() => forget(origin.url, namespace));
    return { url: origin.url, own: undefined, is: `${version}, the one in REDIS_URL, in a namespace of its own` };
  }
  const own = await startRedis();
  ends.push(() => own.stop());
  return { url: own.url, own, is: `${await redisVersion(own.url)}, started for this demo` };
}

/** A Redis to break, or `undefined` if there is none to be had. */
export async function redisToBreak(): Promise<RedisServer | undefined> {
  return await orNone(startRedis());
}

async function orNone<T>(search: Promise<T>): Promise<T | undefined> {
  return search.catch((error: unknown) => {
    if (error instanceof ServerNotFound) return undefined;
    throw error;
  });
}

async function askPostgres(url: string, sql: string): Promise<string> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    const { rows } = await client.query<string[]>({ text: sql, rowMode: 'array' });
    return rows[0]?.[0]?.split(' ')[0] ?? '';
  } catch (cause) {
    throw new Error(`Postgres does not answer (${messageOf(cause)}); see DATABASE_URL`, { cause });
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function redisVersion(url: string): Promise<string> {
  return withRedis(url, async (client) => /redis_version:(\S+)/.exec(await client.info('server'))?.[1] ?? 'unknown');
}

async function forget(url: string, namespace: string): Promise<void> {
  await withRedis(url, async (client) => {
    for await (const keys of client.scanIterator({ MATCH: `${namespace}:*`, COUNT: 1_000 })) {
      if (keys.length > 0) await client.unlink(keys);
    }
  });
}

async function withRedis<T>(url: string, work: (client: ReturnType<typeof clientAt>) => Promise<T>): Promise<T> {
  const client = clientAt(url);
  try {
    await client.connect();
    return await work(client);
  } catch (cause) {
    throw new Error(`Redis does not answer (${messageOf(cause)}); see REDIS_URL`, { cause });
  } finally {
    client.destroy();
  }
}

function clientAt(url: string) {
  const client = createClient({ url, socket: { connectTimeout: 5_000, reconnectStrategy: false } });
  client.on('error', () => undefined);
  return client;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
