import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type RedisServer, startRedis } from '@cache/servers';
import { Fleet } from '../../support/fleet.ts';
import type { Run } from '../../support/history.process.ts';
import { type Event, judge } from '../../support/history.ts';

describe('a history', () => {
  const write = (version: number, began: number, ended: number): Event => ({
    kind: 'write',
    key: 'a',
    version,
    began,
    ended,
  });
  const read = (version: number, began: number): Event => ({
    kind: 'read',
    key: 'a',
    version,
    began,
    ended: began + 1,
  });

  test('is as old as its oldest read, counted from the end of the first write that the read had to show', () => {
    const events = [write(1, 0, 10), write(2, 20, 30), write(3, 35, 40), read(1, 50), read(2, 45), read(3, 60)];
    expect(judge(events)).toEqual({ reads: 3, writes: 3, staleness: 20 });
  });

  test('is not old where a read began before the write had ended, or is of another key', () => {
    const other: Event = { ...read(0, 100), key: 'b' };
    expect(judge([write(1, 0, 10), read(0, 9), read(1, 20), other]).staleness).toBe(0);
  });
});

describe('eight processes that read and write 200 keys through their memories', () => {
  let redis: RedisServer;
  let fleet: Fleet;
  beforeAll(async () => {
    redis = await startRedis();
    fleet = await Fleet.start(8, redis.url);
  }, 120_000);
  afterAll(async () => {
    fleet.stop();
    await redis.stop();
  });

  const play = async (told: Run['told'], maxLocalStaleness: Run['maxLocalStaleness']) => {
    const namespace = `h${randomUUID().slice(0, 8)}`;
    const verdict = judge(await fleet.play({ namespace, keys: 200, turns: 400, told, maxLocalStaleness }));
    expect(verdict.writes).toBeGreaterThan(200);
    expect(verdict.reads).toBeGreaterThan(2_000);
    return verdict.staleness;
  };

  test.each(['by bus', 'by tracking'] as const)(
    'are given nothing that is more than 50 ms old, where they are told of changes %s',
    async (told) => {
      expect(await play(told, '1s')).toBeLessThanOrEqual(50);
    },
  );

  test('are given nothing that is older than maxLocalStaleness, where they are not', async () => {
    expect(await play('not', '500ms')).toBeLessThanOrEqual(550);
  });

  test('are found out where memory is believed for ever and nothing is heard', async () => {
    expect(await play('not', '1h')).toBeGreaterThan(1_000);
  });
});
