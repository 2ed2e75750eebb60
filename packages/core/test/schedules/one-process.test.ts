import { describe, expect, test } from '@jest/globals';
import { cacheAside, createCache, writeThrough } from '@cache/core';
import fc from 'fast-check';
import { explored, play, VersionedSource } from '../support/scheduled.ts';

const runs = explored();

/** What each actor of a schedule does, in an order of its own. */
const actions = fc.array(fc.constantFrom('read', 'read', 'read many', 'write', 'evict', 'clear', 'invalidate'), {
  minLength: 2,
  maxLength: 8,
});

describe('in one process, whatever the interleaving of loads, writes, evictions and fills', () => {
  test('cache-aside never gives what was true only before a change that has returned', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(actions, { minLength: 2, maxLength: 4 }), async (scheduler, actors) => {
        const source = new VersionedSource(scheduler);
        const cache = createCache();
        const values = cache.resource(
          'value',
          cacheAside<string, number>({ load: () => source.load(), tags: ['all'] }),
        );
        let written = 0;
        const change = async (forget: () => Promise<unknown>): Promise<void> => {
          const version = await source.write();
          await forget();
          written = Math.max(written, version);
        };
        const act = {
          read: async () => {
            const before = written;
            expect(await values.get('k')).toBeGreaterThanOrEqual(before);
          },
          'read many': async () => {
            const before = written;
            expect((await values.getMany(['k', 'k']))[1]).toBeGreaterThanOrEqual(before);
          },
          write: async () => {
            const version = await values.mutate('k', () => source.write());
            written = Math.max(written, version);
          },
          evict: () => change(() => values.evict('k')),
          clear: () => change(() => values.clear()),
          invalidate: () => change(() => cache.invalidateTags('all')),
        };
        await scheduler.waitFor(Promise.all(actors.map((todo) => play(scheduler, todo, (action) => act[action]()))));
        const last = await values.peek('k');
        expect(last.hit ? last.value : source.version).toBe(source.version);
      }),
      runs,
    );
  });

  test('write-through leaves what the source has, or nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.array(fc.constantFrom('read', 'read', 'write', 'fail'), { minLength: 1, maxLength: 4 }), {
          minLength: 2,
          maxLength: 4,
        }),
        async (scheduler, actors) => {
          const source = new VersionedSource(scheduler);
          const cache = createCache();
          let versions = 0;
          const save = async (_key: string, version: number): Promise<void> => {
            await source.save(Math.abs(version));
            if (version < 0) throw new Error('saved, but the reply was lost');
          };
          const values = cache.resource('value', writeThrough<string, number>({ load: () => source.load(), save }));
          const act = {
            read: () => values.get('k'),
            write: () => values.set('k', (versions += 1)),
            fail: () => expect(values.set('k', -(versions += 1))).rejects.toThrow('reply was lost'),
          };
          await scheduler.waitFor(Promise.all(actors.map((todo) => play(scheduler, todo, (action) => act[action]()))));
          const last = await values.peek('k');
          expect(last.hit ? last.value : source.version).toBe(source.version);
        },
      ),
      runs,
    );
  });
});
