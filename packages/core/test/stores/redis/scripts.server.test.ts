import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { redisStore } from '@cache/core/redis';
import { type RedisServer, startRedis } from '@cache/servers';
import fc from 'fast-check';
import { systemClock } from '../../../src/model/clock.ts';
import type { SharedSpace } from '../../../src/model/store.ts';
import { SharedStoreModel } from '../../support/shared-store-model.ts';

let redis: RedisServer;
let real: SharedSpace;
beforeAll(async () => {
  redis = await startRedis();
  real = redisStore({ url: redis.url }).open({ namespace: 't', clock: systemClock, report: () => undefined });
}, 120_000);
afterAll(async () => {
  await real.close();
  await redis.stop();
});

const ttl = 60_000;
const key = fc.constantFrom('a:1', 'a:2');
const token = fc.constantFrom('t1', 't2', 't3');
const frame = fc.constantFrom('x'.repeat(80), 'y'.repeat(80), 'z').map((text) => Buffer.from(text));

/** One operation, as it is done to the server and to the model alike. */
const operation: fc.Arbitrary<(space: SharedSpace) => Promise<unknown>> = fc.oneof(
  fc.tuple(key, token).map(
    ([k, t]) =>
      (space: SharedSpace) =>
        space.lease(k, { token: t, ttl }),
  ),
  fc.tuple(key, token, frame).map(
    ([k, t, seen]) =>
      (space: SharedSpace) =>
        space.lease(k, { token: t, ttl, seen }),
  ),
  fc.tuple(key, token, frame).map(
    ([k, t, f]) =>
      (space: SharedSpace) =>
        space.fill(k, { token: t, frame: f, ttl }),
  ),
  fc.tuple(key, token).map(
    ([k, t]) =>
      (space: SharedSpace) =>
        space.release(k, t),
  ),
  fc.tuple(key, token).map(
    ([k, t]) =>
      (space: SharedSpace) =>
        space.extend(k, t, ttl),
  ),
  fc.tuple(key, token).map(
    ([k, t]) =>
      (space: SharedSpace) =>
        space.mark([k], t, ttl),
  ),
  fc.tuple(key, token, frame).map(
    ([k, t, f]) =>
      (space: SharedSpace) =>
        space.commit(k, t, { frame: f, ttl }),
  ),
  fc.tuple(key, token).map(
    ([k, t]) =>
      (space: SharedSpace) =>
        space.commit(k, t),
  ),
  key.map((k) => (space: SharedSpace) => space.evict([k])),
);

test('the scripts do what the model says, for every sequence of operations', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 25 }), async (operations) => {
      await redis.command('FLUSHALL');
      const model = new SharedStoreModel(systemClock).space();
      for (const run of operations) {
        const [did, should] = [await run(real), await run(model)];
        expect(plain(did)).toEqual(plain(should));
        expect(plain(await real.read(['a:1', 'a:2']))).toEqual(plain(await model.read(['a:1', 'a:2'])));
      }
    }),
    { numRuns: 150 },
  );
}, 60_000);

/** Bytes as text, and without the record of tags, whose instants are each one's own. */
function plain(reply: unknown): unknown {
  return JSON.parse(
    JSON.stringify(reply ?? null, (name, value: unknown) => {
      if (name === 'clock') return undefined;
      const bytes = value as { type?: string; data?: number[] } | null | undefined;
      return bytes?.type === 'Buffer' ? Buffer.from(bytes.data!).toString() : value;
    }),
  ) as unknown;
}
