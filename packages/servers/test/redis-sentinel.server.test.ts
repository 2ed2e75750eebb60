import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startRedisSentinel, type RedisSentinel } from '../src/index.ts';
import { waitUntil } from '../src/wait-until.ts';

let redis: RedisSentinel;
beforeAll(async () => {
  redis = await startRedisSentinel({ replicas: 1, sentinels: 3 });
}, 60_000);
afterAll(async () => await redis.stop());

test('every sentinel knows the master, and they are enough to replace it', async () => {
  for (const sentinel of redis.sentinels) {
    expect(await masterOf(sentinel)).toBe(`127.0.0.1\n${redis.master.port}`);
    expect(await sentinel.command('SENTINEL', 'CKQUORUM', redis.name)).toMatch(/^OK 3 usable Sentinels/);
  }
});

test('a replica is promoted when the master freezes, and a restarted sentinel remembers it', async () => {
  const [sentinel, replica] = [redis.sentinels[0], redis.replicas[0]];
  await redis.master.freeze();
  await waitUntil(
    'the replica is the master',
    async () => (await masterOf(sentinel)) === `127.0.0.1\n${replica?.port}`,
  );
  await redis.master.thaw();

  await sentinel?.restart();
  expect(await masterOf(sentinel)).toBe(`127.0.0.1\n${replica?.port}`);
}, 20_000);

async function masterOf(sentinel: RedisSentinel['master'] | undefined): Promise<string | undefined> {
  return await sentinel?.command('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', redis.name);
}
