import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createCache } from '@cache/core';
import { redisBus, type RedisClientLike, redisStore, redisTracking } from '@cache/core/redis';
import { freePort, type RedisServer, startRedis } from '@cache/servers';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { type Certificates, makeCertificates, tlsArguments } from '../../support/certificates.ts';
import { Listening } from '../../support/listening.ts';

let folder: string;
let port: number;
let redis: RedisServer;
let certificates: Certificates;
let processes: Listening | undefined;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cache-certificates-'));
  certificates = await makeCertificates();
  port = await freePort();
  redis = await startRedis({ args: tlsArguments(certificates, port, folder) });
}, 120_000);
afterEach(async () => processes?.close());
afterAll(async () => {
  await redis.stop();
  rmSync(folder, { recursive: true });
});

type Libraries = Record<string, (tls: object) => RedisClientLike>;

const libraries: Libraries = {
  'node-redis': (tls) => createClient({ url: `rediss://127.0.0.1:${port}`, socket: { tls: true, ...tls } }),
  ioredis: (tls) => new Redis(`rediss://127.0.0.1:${port}`, { tls, lazyConnect: true }),
};

describe.each(Object.entries(libraries))('over TLS, by a client of %s', (_, client) => {
  const known = () => client({ ca: certificates.authority, ...certificates.client });

  test.each([
    ['bus', redisBus],
    ['tracking', redisTracking],
  ])('with a certificate, the store and the %s are used as ever', async (__, busOf) => {
    processes = new Listening((each) => busOf({ client: each }));
    expect(await processes.lastHeard(known)).toBe('newer');
  });

  test('without one, the server refuses, and the source answers', async () => {
    const cache = createCache({ tiers: [redisStore({ client: client({ ca: certificates.authority }) })] });
    const errors: unknown[] = [];
    cache.on('storeError', ({ error }) => errors.push(error));
    expect(await cache.getOrSet('k', () => 'loaded')).toBe('loaded');
    await expect(cache.ready({ timeout: '500ms' })).rejects.toThrow(
      /redis did not answer|redis is not connected: .*(certificate|closed|reset|handshake|alert)/i,
    );
    expect(errors.length).toBeGreaterThan(0);
    await cache.close();
  });
});
