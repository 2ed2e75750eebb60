import { describe, expect, test } from '@jest/globals';
import { cacheAside, type CacheAsideResource, createCache } from '@cache/core';
import fc from 'fast-check';
import { ManualClock } from '../../src/model/manual-clock.ts';
import type { SharedSpace } from '../../src/model/store.ts';
import { explored, longestPause, scheduledClock, scheduledWire, step, VersionedSource } from '../support/scheduled.ts';
import { SharedStoreModel, type Wire } from '../../src/testing/shared-store-model.ts';

const runs = explored();
const deadlines = 150;
const reads = ['read', 'read many', 'refresh'] as const;
const ageings = ['expire', 'touch'] as const;

type Values = CacheAsideResource<string, number>;
type Read = 'read' | 'read many' | 'refresh';
type Change = 'write' | 'evict' | 'clear';
/** They end the freshness of a value, or prolong it; what is true they do not touch. */
type Ageing = 'expire' | 'touch';
type Action = Read | Change | Ageing;

const scripts = fc.array(
  fc.record({
    process: fc.integer({ min: 0, max: 2 }),
    todo: fc.array(fc.constantFrom<Action>(...reads, 'read', 'write', 'evict', 'clear', 'expire', 'touch'), {
      minLength: 1,
      maxLength: 4,
    }),
  }),
  { minLength: 2, maxLength: 5 },
);

interface Lives {
  readonly staleWhileRevalidate: number;
  readonly grace: number;
}

const lives = fc.record<Lives>({ staleWhileRevalidate: fc.constantFrom(0, 10_000), grace: fc.constantFrom(0, 10_000) });

interface Process {
  readonly values: Values;
  /** A deletion of this process is still on its way: other processes may see what was before. */
  pending: boolean;
  /** The version that a read which begins now must not fall behind. */
  floor(): number;
}

interface Fleet {
  readonly source: VersionedSource;
  readonly processes: readonly Process[];
  /** A change has returned: reads of all processes have to reflect it. */
  wrote(version: number): void;
}

/**
 * Three processes over one shared tier, without memory of their own, in front of one source. A reader that finds a
 * request of its process on the wire may share its reply: it sees what had been written when that was sent.
 */
function fleet(scheduler: fc.Scheduler, longestTimer: number, lives: Lives): Fleet {
  const source = new VersionedSource(scheduler);
  const clock = scheduledClock(scheduler, longestTimer);
  const model = new SharedStoreModel(clock);
  let written = 0;
  const start = (name: string): Process => {
    const wire = scheduledWire(scheduler, name);
    const sent: number[] = [];
    const observed: Wire = async (what) => {
      const [direction, name] = what.split(' ');
      const shared = ['read', 'lease', 'fill', 'release'].includes(name!);
      if (shared && direction === 'request') sent.push(written);
      await wire(what);
      if (shared && direction === 'reply') sent.shift();
    };
    const store = model.store(observed);
    const cache = createCache({
      clock,
      tiers: [{ ...store, open: (context) => withPatientMarkers(store.open(context)) }],
    });
    const process: Process = {
      values: cache.resource('value', cacheAside<string, number>({ load: () => source.load(), ...lives })),
      pending: false,
      floor: () => Math.min(written, ...sent),
    };
    cache.on('evictionPending', () => (process.pending = true));
    return process;
  };
  return {
    source,
    processes: ['A', 'B', 'C'].map(start),
    wrote: (version) => (written = Math.max(written, version)),
  };
}

/** Without heartbeats a marker would run out during the longest of schedules; that it does not is assumed here. */
function withPatientMarkers(space: SharedSpace): SharedSpace {
  return { ...space, mark: (addresses, token) => space.mark(addresses, token, Infinity) };
}

/** Reads the key in one of the ways there are; a load that begins after the call sees all that the source had by then. */
async function read(how: Read, values: Values): Promise<number> {
  if (how === 'refresh') return values.refresh('k');
  return how === 'read' ? values.get('k') : (await values.getMany(['k', 'k']))[1]!;
}

function isOneOf<A extends Action>(some: readonly A[], action: Action): action is A {
  return (some as readonly Action[]).includes(action);
}

/** Changes the source, says so, and resolves with the version that no later read may fall behind. */
async function change(action: Change, values: Values, source: VersionedSource): Promise<number> {
  if (action === 'write') return values.mutate('k', () => source.write());
  const version = await source.write();
  await (action === 'evict' ? values.evict('k') : values.clear());
  return version;
}

describe('with many processes over one shared tier, whatever the interleaving of requests and replies', () => {
  test('no process gives what was true only before a change that has returned in another', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), scripts, lives, async (scheduler, actors, freshness) => {
        const { source, processes, wrote } = fleet(scheduler, longestPause, freshness);
        const play = async ({ process, todo }: (typeof actors)[number]): Promise<void> => {
          const { values, floor } = processes[process]!;
          for (const action of todo) {
            await step(scheduler, action);
            const before = action === 'refresh' ? source.version : floor();
            if (isOneOf(reads, action)) expect(await read(action, values)).toBeGreaterThanOrEqual(before);
            else if (isOneOf(ageings, action)) await values[action]('k');
            else wrote(await change(action, values, source));
          }
        };
        await scheduler.waitFor(Promise.all(actors.map(play)));
        const last = await scheduler.waitFor(processes[0]!.values.peek('k'));
        expect(last.hit ? last.value : source.version).toBe(source.version);
      }),
      runs,
    );
  });

  test('nor where calls pass their deadline and are executed late, but for deletions that are told to be pending', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), scripts, lives, async (scheduler, actors, freshness) => {
        const { source, processes, wrote } = fleet(scheduler, deadlines, freshness);
        const own = processes.map(() => 0);
        const play = async ({ process: index, todo }: (typeof actors)[number]): Promise<void> => {
          const { values, floor } = processes[index]!;
          for (const action of todo) {
            await step(scheduler, action);
            // Its own changes a process always sees, however its shared tier fares.
            const [before, mine] = [floor(), own[index]!];
            if (isOneOf(ageings, action)) {
              await values[action]('k');
            } else if (isOneOf(reads, action)) {
              const value = await read(action, values);
              expect(value).toBeGreaterThanOrEqual(mine);
              if (!processes.some((each) => each.pending)) expect(value).toBeGreaterThanOrEqual(before);
            } else {
              const version = await change(action, values, source);
              wrote(version);
              own[index] = Math.max(own[index]!, version);
            }
          }
        };
        await scheduler.waitFor(Promise.all(actors.map(play)));
      }),
      runs,
    );
  });
});

describe('a process that dies at any line of a change', () => {
  test('leaves the key empty or current, never stale', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 8 }), fc.boolean(), async (lines, filledBefore) => {
        const clock = new ManualClock();
        const model = new SharedStoreModel(clock);
        let version = 0;
        let left = lines;
        const orDie = (): Promise<void> => ((left -= 1) < 0 ? new Promise(() => undefined) : Promise.resolve());
        const strategy = (): ReturnType<typeof cacheAside<string, number>> =>
          cacheAside({ load: () => version, ttl: '1h' });
        const dying = createCache({ clock, tiers: [model.store(orDie)] }).resource('value', strategy());
        const other = createCache({ clock, tiers: [model.store()] }).resource('value', strategy());
        if (filledBefore) await other.get('k');
        void dying
          .mutate('k', async () => {
            await orDie();
            version += 1;
            await orDie();
          })
          .catch(() => undefined);
        await clock.advance(0);
        expect(await other.get('k')).toBe(version);
        // Once the marker of the dead process has run out, the key can be filled again.
        await clock.advance(11_000);
        expect(await other.get('k')).toBe(version);
        expect(await other.peek('k')).toMatchObject({ hit: true, value: version });
      }),
      { numRuns: 100 },
    );
  });
});
