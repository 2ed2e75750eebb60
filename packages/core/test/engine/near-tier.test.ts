import { beforeEach, describe, expect, test } from '@jest/globals';
import { NearTier } from '../../src/engine/near-tier.ts';
import { type Defaults, type Policy, policyOf } from '../../src/engine/policy.ts';
import { resourceTag, TagClocks } from '../../src/engine/tag-clocks.ts';
import { Trust } from '../../src/engine/trust.ts';
import type { LocalSegment } from '../../src/model/store.ts';
import { ManualClock } from '../../src/model/manual-clock.ts';
import { memoryStore } from '../../src/stores/memory/memory-store.ts';
import { entryOf } from '../support/entry.ts';

const users = resourceTag('user');

let clock: ManualClock;
let tags: TagClocks;
let segment: LocalSegment;
beforeEach(() => {
  clock = new ManualClock();
  tags = new TagClocks(clock);
  segment = memoryStore()
    .open({ namespace: 'cache', clock, report: () => undefined })
    .segment('user');
});

const plain = policyOf('a test', {}, { ttl: 1_000 } as Defaults);
const truth = () => ({ trueAt: clock.elapsed(), stored: true });
const as = (value: unknown) => ({ value, handOut: undefined });
const tier = (unheard = Infinity, trust = new Trust(unheard)): NearTier =>
  new NearTier(segment, clock, tags, users, trust);
/** Keeps a value whose times are told in milliseconds from now. */
const keep = (near: NearTier, { fresh = 1_000, stale = 0, grace = 0, loadMs = 0 } = {}, given: Given = {}): boolean => {
  const freshUntil = clock.now() + fresh;
  const times = { freshUntil, staleUntil: freshUntil + stale, graceUntil: freshUntil + grace };
  const entry = entryOf({ ...times, loadMs, tags: ['#org:7'], known: tags.known });
  return near.set(
    '7',
    entry,
    as(entry.value),
    { ...truth(), trueAt: given.trueAt ?? clock.elapsed() },
    { ...plain, ...given },
  );
};

interface Given extends Partial<Policy> {
  readonly trueAt?: number;
}

test('without a memory nothing is kept, and nothing found', () => {
  const near = new NearTier(undefined, clock, tags, users, new Trust(Infinity));
  expect(keep(near)).toBe(true);
  expect([near.get('7'), near.look('7')]).toEqual([undefined, undefined]);
  expect(near.figures().entries).toBe(0);
});

test('what is fresh is served, up to the very millisecond in which it ends', async () => {
  const near = tier();
  keep(near);
  await clock.advance(999);
  expect(near.get('7')?.value).toBe('value');
  await clock.advance(1);
  expect(near.get('7')).toBeUndefined();
});

test('what is fresh is served no longer than it is trusted since it was true elsewhere', async () => {
  const near = tier(500);
  keep(near, {}, { trueAt: clock.elapsed() - 100 });
  await clock.advance(399);
  expect(near.get('7')?.value).toBe('value');
  await clock.advance(1);
  expect(near.get('7')).toBeUndefined();
});

test.each([
  ['over', 0, 0],
  ['not to be trusted any more', 1_000, 500],
])('what is %s when it comes is not kept at all', (_name, fresh, age) => {
  keep(tier(500), { fresh }, { trueAt: clock.elapsed() - age });
  expect(segment.size).toBe(0);
});

test('what was invalidated is neither served nor kept', () => {
  const near = tier();
  keep(near);
  expect(near.get('7')).toBeDefined();
  tags.invalidateLocally(['#org:7']);
  expect(near.get('7')).toBeUndefined();
  expect(segment.size).toBe(0);
});

test('what was invalidated while it was loaded is not served even once', () => {
  const near = tier();
  const known = tags.known;
  tags.invalidateLocally([users]);
  near.set('7', entryOf({ known }), as('value'), truth(), plain);
  expect(near.get('7')).toBeUndefined();
});

test('what is deleted is gone', () => {
  const near = tier();
  keep(near);
  near.delete('7');
  expect(near.get('7')).toBeUndefined();
});

test('callers of a value that nobody can change are given one and the same promise', async () => {
  const near = tier();
  keep(near);
  await expect(near.get('7')!.settled).resolves.toBe('value');
  expect(near.get('7')!.settled).toBe(near.get('7')!.settled);
});

test('callers of a value that is copied for each are given no common promise', () => {
  const near = tier();
  near.set('7', entryOf(), { value: new Date(0), handOut: (value) => value }, truth(), plain);
  expect(near.get('7')!.settled).toBeUndefined();
});

describe('a look', () => {
  const states = async (near: NearTier, ...pauses: number[]): Promise<unknown[]> => {
    const seen: unknown[] = [];
    for (const ms of pauses) {
      await clock.advance(ms);
      seen.push(near.look('7')?.state);
    }
    return seen;
  };

  test('finds what is fresh, then stale, then within grace, then nothing', async () => {
    const near = tier();
    keep(near, { fresh: 100, stale: 200, grace: 300 });
    expect(await states(near, 0, 99, 1, 199, 1, 99, 1)).toEqual([
      'fresh',
      'fresh',
      'stale',
      'stale',
      'grace',
      'grace',
      undefined,
    ]);
  });

  test('finds nothing of what has neither when it is no longer fresh', async () => {
    const near = tier();
    keep(near, { fresh: 100 });
    expect(await states(near, 99, 1)).toEqual(['fresh', undefined]);
  });

  test('finds what is trusted no longer only as what grace keeps: the shared tier is to be asked', async () => {
    const near = tier(50);
    keep(near, { fresh: 100, stale: 100, grace: 200 });
    expect(await states(near, 49, 1, 249, 1)).toEqual(['fresh', 'grace', 'grace', undefined]);
    keep(near, { fresh: 100, stale: 100 });
    expect(await states(near, 49, 1)).toEqual(['fresh', undefined]);
  });

  test('finds nothing of what was invalidated, not even within grace', async () => {
    const near = tier();
    keep(near, { fresh: 100, stale: 100, grace: 200 });
    tags.invalidateLocally(['#org:7']);
    expect(near.look('7')).toBeUndefined();
    expect(segment.size).toBe(0);
  });

  test('finds what is fresh by the time of this process, wherever the wall clock is set meanwhile', async () => {
    const near = tier();
    keep(near, { fresh: 100 });
    clock.set(-3_600_000);
    expect(await states(near, 99, 1)).toEqual(['fresh', undefined]);
  });
});

describe('what is unused for too long', () => {
  test('is not there any more, and gives its room back', async () => {
    const near = tier();
    keep(near, {}, { maxIdle: 100 });
    await clock.advance(100);
    expect(near.look('7')).toBeUndefined();
    expect(segment.size).toBe(0);
  });

  test('is there for as long again after each use', async () => {
    const near = tier();
    const policy = { ...plain, maxIdle: 100 };
    keep(near, {}, policy);
    for (let i = 0; i < 5; i += 1) {
      await clock.advance(99);
      near.use(near.look('7')!.entry, policy);
    }
    await clock.advance(100);
    expect(near.look('7')).toBeUndefined();
  });

  test('is never served without a thought, so that every use is noted', () => {
    const near = tier();
    keep(near, {}, { maxIdle: 100 });
    expect(near.get('7')).toBeUndefined();
    expect(near.look('7')?.state).toBe('fresh');
  });
});

test('what may be refreshed ahead is served without a thought until that may be', async () => {
  const near = tier();
  keep(near, { fresh: 1_000, loadMs: 20 }, { refreshAhead: 1 });
  await clock.advance(799);
  expect(near.get('7')).toBeDefined();
  await clock.advance(1);
  expect(near.get('7')).toBeUndefined();
  expect(near.look('7')?.state).toBe('fresh');
});

test('what comes in the place of another leaves nothing of that, although it is of no use by now', () => {
  const near = tier();
  keep(near);
  keep(near, { fresh: 0 });
  expect(near.look('7')).toBeUndefined();
});

test('what is too large is refused, and told so', () => {
  segment = memoryStore({ maxBytes: 1 })
    .open({ namespace: 'cache', clock, report: () => undefined })
    .segment('user');
  expect(keep(tier())).toBe(false);
});

describe('while every change is heard of', () => {
  test('what is fresh is served until then, however long nobody asked elsewhere', async () => {
    const trust = new Trust(500);
    trust.hear(clock.elapsed());
    const near = tier(500, trust);
    keep(near);
    await clock.advance(499);
    trust.hear(clock.elapsed());
    await clock.advance(499);
    expect(near.get('7')?.value).toBe('value');
  });

  test('what is fresh is not served once they have gone unheard for too long, and is when they are heard again', async () => {
    const trust = new Trust(500);
    trust.hear(clock.elapsed());
    const near = tier(500, trust);
    keep(near);
    await clock.advance(500);
    expect([near.get('7'), near.look('7')]).toEqual([undefined, undefined]);
    trust.hear(clock.elapsed());
    expect(near.get('7')?.value).toBe('value');
  });

  test.each(['doubt', 'lose'] as const)(
    'what was kept before a %s is served no longer, and what comes after it is',
    async (loss) => {
      const trust = new Trust(500);
      trust.hear(clock.elapsed());
      const near = tier(500, trust);
      keep(near);
      await clock.advance(1);
      trust[loss](clock.elapsed());
      tags.recheck();
      expect([near.get('7'), near.look('7')]).toEqual([undefined, undefined]);
      await clock.advance(1);
      keep(near);
      expect(near.get('7')?.value).toBe('value');
    },
  );

  test('what is no longer believed is left for grace', async () => {
    const trust = new Trust(500);
    trust.hear(clock.elapsed());
    const near = tier(500, trust);
    keep(near, { grace: 1_000 });
    trust.lose(clock.elapsed());
    tags.recheck();
    expect(near.get('7')).toBeUndefined();
    expect(near.look('7')?.state).toBe('grace');
  });
});
