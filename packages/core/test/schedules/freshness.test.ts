import { describe, expect, test } from '@jest/globals';
import { cacheAside, type CacheError, createCache, memoryStore } from '@cache/core';
import fc from 'fast-check';
import { delay } from '../../src/model/clock.ts';
import { SharedStoreModel } from '../../src/testing/shared-store-model.ts';
import { explored, longestPause, play, scheduledClock, scheduledWire, VersionedSource } from '../support/scheduled.ts';

/** Fires when the scheduler says so, as early or as late as may be; deadlines of stores, which are longer, never do. */
const hard = 100;

const actions = fc.array(
  fc.constantFrom(
    ...([
      'read',
      'read',
      'read many',
      'refresh',
      'refresh',
      'pass',
      'pass',
      'expire',
      'touch',
      'fail',
      'recover',
    ] as const),
    ...(['write', 'evict', 'clear', 'invalidate'] as const),
  ),
  { minLength: 2, maxLength: 8 },
);

const lives = fc.record({
  ttl: fc.constantFrom(longestPause / 2, 10_000),
  staleWhileRevalidate: fc.constantFrom(0, longestPause, 10_000),
  grace: fc.constantFrom(0, longestPause, 10_000),
  errorTtl: fc.constantFrom(0, longestPause),
});

/** Errors of the source reach the caller: they are what was true. Any other is a fault. */
function orFailure<T>(answer: Promise<T>): Promise<T | undefined> {
  return answer.catch((error: unknown) => {
    const { code, message } = error as CacheError;
    if (code === 'LOAD_TIMEOUT' || message === 'down') return undefined;
    throw error;
  });
}

describe.each([['memory'], ['memory before a shared tier']])('over %s, whatever the interleaving', (where) => {
  test('no old value outlives a change that has returned, be it stale, within grace, expired or overdue', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        lives,
        fc.array(actions, { minLength: 2, maxLength: 4 }),
        async (scheduler, freshness, actors) => {
          const source = new VersionedSource(scheduler);
          const clock = scheduledClock(scheduler, hard);
          const shared = new SharedStoreModel(clock).store(scheduledWire(scheduler, 'tier'));
          const cache = createCache({
            clock,
            tiers: where === 'memory' ? [memoryStore()] : [memoryStore(), shared],
          });
          let fails = false;
          const load = async (): Promise<number> => {
            const failed = fails;
            const version = await source.load();
            if (failed) throw new Error('down');
            return version;
          };
          const values = cache.resource(
            'value',
            cacheAside<string, number>({ load, ...freshness, timeout: { hard }, tags: ['all'] }),
          );
          let written = 0;
          const change = async (forget: () => Promise<unknown>): Promise<void> => {
            const version = await source.write();
            await forget();
            written = Math.max(written, version);
          };
          const notBefore = async (version: number, answer: Promise<number>): Promise<void> => {
            expect((await orFailure(answer)) ?? version).toBeGreaterThanOrEqual(version);
          };
          const act = {
            read: () => notBefore(written, values.get('k')),
            'read many': () =>
              notBefore(
                written,
                values.getMany(['k', 'k']).then(([, value]) => value!),
              ),
            // A load that begins after the call sees all that the source had by then.
            refresh: () => notBefore(source.version, values.refresh('k')),
            pass: () => delay(clock, longestPause),
            expire: () => values.expire('k'),
            touch: () => values.touch('k'),
            fail: async () => (fails = true),
            recover: async () => (fails = false),
            write: async () => {
              const version = await values.mutate('k', () => source.write());
              written = Math.max(written, version);
            },
            evict: () => change(() => values.evict('k')),
            clear: () => change(() => values.clear()),
            invalidate: () => change(() => cache.invalidateTags('all')),
          };
          await scheduler.waitFor(
            Promise.all(actors.map((todo) => play(scheduler, todo, (action) => Promise.resolve(act[action]())))),
          );
          const last = await scheduler.waitFor(values.peek('k'));
          expect(last.hit ? last.value : source.version).toBe(source.version);
        },
      ),
      explored(),
    );
  });
});
