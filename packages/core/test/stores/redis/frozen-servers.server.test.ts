import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createCache } from '@cache/core';
import { redisStore } from '@cache/core/redis';
import {
  type RedisCluster,
  type RedisSentinel,
  type RedisServer,
  startRedis,
  startRedisCluster,
  startRedisSentinel,
} from '@cache/servers';
import { type Closing, startClosing } from '../../support/closing.ts';
import type { Brought } from '../../support/closing.process.ts';
import * as clients from '../../support/redis-clients.ts';

let single: RedisServer;
let sentinel: RedisSentinel;
let cluster: RedisCluster;
let running: Closing | undefined;
beforeAll(async () => {
  [single, sentinel, cluster] = await Promise.all([startRedis(), startRedisSentinel(), startRedisCluster()]);
}, 120_000);
afterEach(() => running?.kill());
afterAll(() => Promise.all([single, sentinel, cluster].map((each) => each.stop())));

const addresses = (servers: readonly RedisServer[]): Brought['addresses'] =>
  servers.map(({ host, port }) => ({ host, port }));

const kinds = {
  single: () => [single],
  sentinel: () => sentinel.sentinels,
  cluster: () => cluster.nodes,
};

async function start(): Promise<Closing> {
  const brought = (Object.keys(kinds) as (keyof typeof kinds)[]).flatMap((kind) =>
    clients.libraries.map((library) => ({ library, kind, name: sentinel.name, addresses: addresses(kinds[kind]()) })),
  );
  running = await startClosing(brought);
  return running;
}

const all = (): RedisServer[] => [single, sentinel.master, ...sentinel.replicas, ...cluster.nodes];

test('a store that is opened while the servers are frozen is ready soon after they thaw', async () => {
  await Promise.all(all().map((server) => server.freeze()));
  const caches = clients.libraries
    .flatMap((name) => [clients.single[name](single), clients.sentinel[name](sentinel), clients.cluster[name](cluster)])
    .map((client) => createCache({ tiers: [redisStore({ client })] }));
  const ready = caches.map((cache) => cache.ready({ timeout: '40s' }));
  await delay(2_500);
  await Promise.all(all().map((server) => server.thaw()));
  const begun = performance.now();
  await Promise.all(ready);
  expect(performance.now() - begun).toBeLessThan(15_000);
  await Promise.all(caches.map((cache) => cache.close()));
});

describe('a process with a store by every kind of client ends by itself once it has closed them', () => {
  test('while all is well', async () => {
    const { ms, code } = await (await start()).close();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(10_000);
  });

  test('while its connections, and those that took their place, are to servers that are frozen', async () => {
    const user = await start();
    const frozen = [...all(), ...sentinel.sentinels];
    await Promise.all(frozen.map((server) => server.freeze()));
    // So long that they have been given up for new ones, which hang while they connect.
    await delay(3_000);
    const { ms, code } = await user.close();
    await Promise.all(frozen.map((server) => server.thaw()));
    expect(code).toBe(0);
    expect(ms).toBeLessThan(10_000);
  });
});
