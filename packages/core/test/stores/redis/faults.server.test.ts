import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { SharedStore } from '@cache/core';
import { redisStore } from '@cache/core/redis';
import { type RedisServer, startProxy, startRedis, type TcpProxy } from '@cache/servers';
import { nothing, ordeal } from '../../support/ordeal.ts';
import { libraries, single } from '../../support/redis-clients.ts';

const deadline = 150;

let redis: RedisServer;
let wire: TcpProxy;
let server: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
  wire = await startProxy({ target: redis.port });
  server = { ...redis, url: wire.through(redis.url) };
}, 120_000);
beforeEach(() => redis.command('CONFIG', 'SET', 'maxmemory', '0'));
afterAll(async () => {
  await wire.stop();
  await redis.stop();
});

const stores = (): SharedStore[] => libraries.map((name) => redisStore({ client: single[name](server), deadline }));

type Fault = () => Promise<unknown>;

/** As often as it takes a second. */
const again = async (act: Fault): Promise<void> => {
  for (let times = 0; times < 10; times += 1) {
    await act();
    await delay(100);
  }
};

const faults: [string, Fault][] = [
  [
    'is stopped for five seconds',
    async () => {
      await redis.freeze();
      await delay(5_000);
      await redis.thaw();
    },
  ],
  [
    'is killed, and started again',
    async () => {
      await redis.kill();
      await delay(500);
      await redis.restart();
    },
  ],
  ['cuts every connection, again and again', () => again(() => redis.command('CLIENT', 'KILL', 'TYPE', 'normal'))],
  ['loses all that it has, again and again', () => again(() => redis.command('FLUSHALL'))],
  ['loses its scripts, again and again', () => again(() => redis.command('SCRIPT', 'FLUSH'))],
  [
    'is full for a while',
    async () => {
      await redis.command('CONFIG', 'SET', 'maxmemory', '1');
      await delay(1_000);
      await redis.command('CONFIG', 'SET', 'maxmemory', '0');
    },
  ],
  [
    'is behind a network that lets nothing through, nor tells of it',
    async () => {
      wire.stall();
      await delay(2_000);
      wire.resume();
    },
  ],
  ['is behind one that breaks, again and again', () => again(async () => wire.cut())],
  [
    'executes what it is sent, and its replies are lost',
    async () => {
      wire.dropReplies();
      await delay(1_000);
      expect(wire.droppedBytes).toBeGreaterThan(0);
      wire.resume();
    },
  ],
  [
    'has its replies arrive byte by byte',
    async () => {
      wire.splitEvery(1);
      await delay(500);
      wire.resume();
    },
  ],
];

describe('no process reads what was before its own changes, or waits for more than one deadline, when a server', () => {
  test.each(faults)('%s', async (_, happens) => {
    const { worst, recovery, stalled, ...found } = await ordeal(stores(), happens);
    expect(found).toEqual(nothing);
    // What the machine itself takes: this process, the server and the proxy wait for their turns.
    const slack = 350 + 3 * stalled;
    expect(worst).toBeLessThan(deadline + slack);
    expect(recovery).toBeLessThan(2_000 + slack);
  });
});
