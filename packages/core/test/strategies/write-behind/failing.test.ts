import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Cache, memoryLedger, memoryStore, writeBehind, type WriteBehindOptions } from '@cache/core';
import { ManualClock, SharedStoreModel } from '@cache/core/testing';
import { CountedSource } from '../../support/counted-source.ts';
import { deferred } from '../../support/deferred.ts';
import { rejectionOf, thrownBy } from '../../support/failure.ts';
import { cacheOn, heard } from '../../support/memory-cache.ts';

let clock: ManualClock;
let cache: Cache;
let source: CountedSource;

beforeEach(() => {
  clock = new ManualClock();
  cache = cacheOn(clock, { random: () => 0.5 });
  source = new CountedSource();
});

type Options = Partial<WriteBehindOptions<string, number | null>>;

const open = (options: Options = {}) =>
  cache.resource(
    'views',
    writeBehind<string, number | null>({
      load: source.load,
      saveMany: source.saveMany,
      removeMany: source.removeMany,
      ledger: memoryLedger(),
      ...options,
    }),
  );

const keys = Array.from({ length: 16 }, (_, index) => `k${index}`);
const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

describe('a bad row', () => {
  test('costs log n calls, holds up no other row, and is a dead letter after ten refusals', async () => {
    const views = open();
    source.poison.add('k5');
    const dead = heard(cache, 'deadLetter');
    for (const [index, key] of keys.entries()) await views.set(key, index);
    await clock.advance(2_000);
    expect(source.calls.map((call) => call.length)).toEqual([16, 8, 4, 4, 2, 1, 1, 2, 8]);
    expect([source.rows.size, views.dirty]).toEqual([15, 1]);
    await clock.advance(300_000);
    expect(source.calls.length).toBe(9 + 9);
    expect(dead).toEqual([
      { resource: 'views', key: 'k5', attempts: 10, error: new Error('k5 violates a constraint') },
    ]);
    const [letter] = await views.listDead();
    expect(letter).toMatchObject({ key: 'k5', op: 'save', value: 5, error: 'k5 violates a constraint' });
    expect([views.dirty, views.stats().writes.deadLetters]).toEqual([0, 1]);
  });

  test('is not read any more once it is a dead letter', async () => {
    const views = open({ retry: { attempts: 1 } });
    source.rows.set('k1', { value: 1, version: 1 });
    source.poison.add('k1');
    await views.set('k1', 2);
    expect(await views.get('k1')).toBe(2);
    await expect(views.flush()).rejects.toThrow('constraint');
    expect(await views.get('k1')).toBe(1);
  });

  test('is told of as a dead letter also while the cache is being closed', async () => {
    const views = open({ retry: { attempts: 2 } });
    source.poison.add('k1');
    const dead = heard(cache, 'deadLetter');
    await views.set('k1', 1);
    const closed = cache.close({ timeout: '5s' });
    await clock.advance(5_000);
    expect(await closed).toEqual({ unwritten: 0 });
    expect(dead).toMatchObject([{ resource: 'views', key: 'k1', attempts: 2 }]);
  });

  test('that is mended is brought to the source by redrive, or dropped by discard', async () => {
    const views = open({ retry: { attempts: 1 } });
    for (const key of ['k1', 'k2']) {
      source.poison.add(key);
      await views.set(key, 1);
    }
    await views.flush().catch(() => undefined);
    const [first, second] = await views.listDead();
    source.poison.clear();
    expect(await views.redrive(first!.id, 'none')).toEqual(['redriven', 'gone']);
    expect(await views.discard(second!.id)).toBe(1);
    await views.flush();
    expect([source.rows.get('k1')?.value, source.rows.has('k2'), await views.listDead()]).toEqual([1, false, []]);
  });

  test('that is redriven late does not bury what was written since', async () => {
    const views = open({ retry: { attempts: 1 } });
    source.poison.add('k1');
    await views.set('k1', 1);
    await views.flush().catch(() => undefined);
    source.poison.clear();
    await views.set('k1', 2);
    await views.flush();
    const conflicts = heard(cache, 'conflict');
    const [letter] = await views.listDead();
    expect(await views.redrive(letter!.id)).toEqual(['redriven']);
    await views.flush();
    expect([source.rows.get('k1')?.value, conflicts.length, await views.get('k1')]).toEqual([2, 1, 2]);
  });

  test('is one that the writer rejects, at once, and one that it wants to retry, later', async () => {
    const said: Record<string, unknown> = { a: { result: 'reject', error: new Error('too long') }, b: 'retry' };
    const views = open({ saveMany: async (items) => items.map(({ key }) => said[key] ?? 'ok') });
    for (const key of ['a', 'b', 'c']) await views.set(key, 1);
    await clock.advance(2_000);
    expect([(await views.listDead()).map(({ key, error }) => [key, error]), views.dirty]).toEqual([
      [['a', 'too long']],
      1,
    ]);
  });
});

describe('a source that is away', () => {
  test('makes no dead letters, however long, and is asked with one row before it is given all', async () => {
    const views = open();
    source.error = away;
    for (const key of keys) await views.set(key, 1);
    await clock.advance(3_600_000);
    expect([views.dirty, await views.listDead()]).toEqual([16, []]);
    expect(source.calls.at(-1)).toHaveLength(1);
    source.error = undefined;
    await clock.advance(30_000);
    expect([views.dirty, source.rows.size]).toEqual([0, 16]);
  });

  test('is told from a bad row by SQLSTATE, or as the resource says', async () => {
    const states = { deadlock: '40P01', 'a lost connection': '08006', 'a unique key': '23505' };
    const dead: string[] = [];
    for (const [name, code] of Object.entries(states)) {
      source.error = Object.assign(new Error(name), { code });
      const views = cacheOn(clock).resource('views', writeBehind<string, number | null>({ ...base(), retry: { attempts: 1 } })); // prettier-ignore
      await views.set('a', 1);
      await views.flush().catch(() => undefined);
      dead.push(...(await views.listDead()).map(({ error }) => error));
    }
    expect(dead).toEqual(['a unique key']);
    source.error = new Error('whatever');
    const views = open({ retry: { attempts: 1, isTransient: () => true } });
    await views.set('a', 1);
    await views.flush().catch(() => undefined);
    expect(await views.listDead()).toEqual([]);
  });
});

const base = () => ({ load: source.load, saveMany: source.saveMany, ledger: memoryLedger() });

describe('a source that has a newer version', () => {
  test('wins, and what was cached is forgotten', async () => {
    const views = open();
    const conflicts = heard(cache, 'conflict');
    await views.set('a', 1);
    source.rows.set('a', { value: 9, version: Number.MAX_SAFE_INTEGER - 1 });
    await views.flush();
    expect([await views.get('a'), conflicts.length, views.stats().writes.conflicts]).toEqual([9, 1, 1]);
  });

  test('is written to under a newer one where the resource says so', async () => {
    const version = (clock.now() + 3_600_000) * 1_000;
    const views = open({
      onConflict: () => 'ours',
      saveMany: async (items) => {
        const told = (await source.saveMany(items)) as string[];
        return told.map((each) => (each === 'conflict' ? { result: 'conflict', version } : each));
      },
    });
    await views.set('a', 1);
    source.rows.set('a', { value: 9, version });
    await clock.advance(4_000);
    expect(source.rows.get('a')?.value).toBe(1);
    expect(source.rows.get('a')?.version).toBeGreaterThan(version);
  });
});

describe('a batch that takes longer than its lease', () => {
  test('is held by heartbeats, and told of by the signal once it is lost', async () => {
    const ledger = memoryLedger();
    const slow = deferred();
    const signals: AbortSignal[] = [];
    let beats = 0;
    const views = open({
      flush: { lease: 3_000 },
      ledger: {
        ...ledger,
        open: (context) => {
          const book = ledger.open(context);
          return {
            ...book,
            extend: async (...args) => {
              beats += 1;
              return beats > 3 ? [] : book.extend(...args);
            },
          };
        },
      },
      saveMany: async (_items, { signal }) => {
        signals.push(signal);
        await slow.promise;
      },
    });
    await views.set('a', 1);
    await clock.advance(2_000 + 3_500);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    await clock.advance(1_000);
    expect(signals[0]!.aborted).toBe(true);
    slow.resolve();
    await clock.advance(0);
    expect([views.dirty, views.stats().writes.lost]).toEqual([1, 1]);
  });
});

describe('a ledger that is full', () => {
  const full = (mode: 'wait' | 'reject' | 'writeThrough') => open({ backPressure: { mode, max: 2, deadline: '1s' } });

  test('has a write wait for room, for as long as it may', async () => {
    const views = full('wait');
    source.error = away;
    for (const key of ['a', 'b']) await views.set(key, 1);
    const refused = rejectionOf(views.set('c', 1));
    await clock.advance(1_500);
    expect((await refused).code).toBe('LEDGER_FULL');
    source.error = undefined;
    const accepted = views.set('c', 1);
    await clock.advance(5_000);
    await accepted;
    expect(await views.get('c')).toBe(1);
  });

  test('rejects at once, but for keys that are unwritten already', async () => {
    const views = full('reject');
    for (const key of ['a', 'b', 'a']) await views.set(key, 1);
    expect((await rejectionOf(views.set('c', 1))).code).toBe('LEDGER_FULL');
  });

  test('has a write go to the source itself', async () => {
    const views = full('writeThrough');
    for (const key of ['a', 'b', 'c']) await views.set(key, 1);
    expect([source.calls, await views.get('c')]).toEqual([[['c']], 1]);
    source.poison.add('d');
    await expect(views.set('d', 1)).rejects.toThrow('constraint');
  });

  test('has a write that goes to the source itself replace what the shared tier has', async () => {
    const shared = new SharedStoreModel(clock);
    const [here, there] = [1, 2].map(() =>
      cacheOn(clock, { tiers: [memoryStore(), shared.store()] }).resource(
        'views',
        writeBehind<string, number | null>({
          load: source.load,
          saveMany: source.saveMany,
          ledger: memoryLedger(),
          backPressure: { mode: 'writeThrough', max: 1 },
        }),
      ),
    );
    source.rows.set('b', { value: 1, version: 1 });
    expect(await here!.get('b')).toBe(1);
    await here!.set('a', 1);
    await here!.set('b', 2);
    expect(await there!.get('b')).toBe(2);
  });

  test('has no update go to the source itself, which another write may have changed since it was read', async () => {
    const views = full('writeThrough');
    for (const key of ['a', 'b']) await views.set(key, 1);
    source.error = away;
    const updated = rejectionOf(views.update('c', (count) => (count ?? 0) + 1));
    await clock.advance(1_500);
    expect((await updated).code).toBe('LEDGER_FULL');
    expect(source.calls.flat()).not.toContain('c');
  });

  test('has a write that goes to the source itself wait for an update that has read the key', async () => {
    const views = open({ backPressure: { mode: 'writeThrough', max: 2 } });
    const reading = deferred();
    const updated = views.update('c', async (count) => {
      await reading.promise;
      return (count ?? 0) + 1;
    });
    await clock.advance(0);
    for (const key of ['a', 'b']) await views.set(key, 1);
    let isWritten = false;
    const written = views.set('c', 10).then(() => (isWritten = true));
    await clock.advance(100);
    expect(isWritten).toBe(false);
    reading.resolve();
    await clock.advance(10_000);
    await Promise.all([written, updated]);
    await views.flush();
    // Whichever came first, the other one knew of it.
    expect([10, 11]).toContain(source.rows.get('c')?.value);
  });
});

test('what a ledger cannot promise is refused when it is asked for', async () => {
  expect(thrownBy(() => open({ durability: 'fsynced' })).message).toContain(
    "cannot be 'fsynced' with the memory ledger",
  );
  const views = open();
  expect((await rejectionOf(views.set('a', 1, { durability: { replicated: 1 } }))).code).toBe('INVALID_OPTION');
  expect((await rejectionOf(views.set('a', 1, { opId: 'two words' }))).message).toContain('such as a UUID');
});

test('a write that is made again under its name is not made again', async () => {
  const views = open();
  await views.set('a', 1, { opId: 'first' });
  await views.set('a', 2);
  await views.set('a', 1, { opId: 'first' });
  await views.flush();
  expect(source.rows.get('a')?.value).toBe(2);
});

test('a resource that leaves flushing to others writes nothing, and tells what stays', async () => {
  const views = open({ flush: { inProcess: false } });
  await views.set('a', 1);
  await clock.advance(60_000);
  expect(source.calls).toEqual([]);
  expect(await cache.close()).toEqual({ unwritten: 1 });
});
