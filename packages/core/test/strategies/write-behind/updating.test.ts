import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { addition, type Cache, type Ledger, memoryLedger, writeBehind } from '@cache/core';
import { ManualClock } from '@cache/core/testing';
import { CountedSource } from '../../support/counted-source.ts';
import { deferred } from '../../support/deferred.ts';
import { rejectionOf } from '../../support/failure.ts';
import { cacheOn } from '../../support/memory-cache.ts';

let clock: ManualClock;
let cache: Cache;
let source: CountedSource;

beforeEach(() => {
  clock = new ManualClock();
  cache = cacheOn(clock);
  source = new CountedSource();
});

const open = (merges = true) =>
  cache.resource(
    'views',
    writeBehind<string, number | null, number>({
      load: source.load,
      saveMany: source.saveMany,
      removeMany: source.removeMany,
      ...(merges ? { merge: { ...addition, saveMany: source.addMany } } : {}),
      ledger: memoryLedger(),
    }),
  );

describe('update', () => {
  test('notes what a function makes of the newest value: of the source, then of what is unwritten', async () => {
    source.rows.set('p1', { value: 40, version: 1 });
    const views = open();
    expect(await views.update('p1', (count) => (count ?? 0) + 1)).toBe(41);
    expect(await views.update('p1', async (count) => (count ?? 0) + 1)).toBe(42);
    expect([await views.get('p1'), source.rows.get('p1')?.value]).toEqual([42, 40]);
    await views.flush();
    expect(source.rows.get('p1')?.value).toBe(42);
  });

  test('loses none of many that come at once', async () => {
    const views = open();
    await Promise.all(Array.from({ length: 50 }, () => views.update('p1', (count) => (count ?? 0) + 1)));
    expect(await views.get('p1')).toBe(50);
  });

  test('is done anew where another write of the key comes first', async () => {
    const views = open();
    const slow = deferred();
    const change = jest.fn(async (count: number | null) => {
      if (change.mock.calls.length === 1) await slow.promise;
      return (count ?? 0) + 1;
    });
    const updated = views.update('p1', change);
    await clock.advance(0);
    await views.set('p1', 100);
    slow.resolve();
    await clock.advance(20);
    expect([await updated, change.mock.calls.map(([count]) => count)]).toEqual([101, [null, 100]]);
  });

  test('is done anew where the other write has reached the source already', async () => {
    const views = open();
    const slow = deferred();
    const updated = views.update('p1', async (count) => {
      if (count === null) await slow.promise;
      return (count ?? 0) + 1;
    });
    await clock.advance(0);
    await views.set('p1', 100);
    await views.flush();
    slow.resolve();
    await clock.advance(20);
    expect(await updated).toBe(101);
  });

  test('rejects with what its function throws, notes nothing, and is in nobody’s way', async () => {
    const views = open();
    const error = new Error('no');
    await expect(views.update('p1', () => Promise.reject(error))).rejects.toBe(error);
    expect(views.dirty).toBe(0);
    expect(await views.update('p1', () => 1)).toBe(1);
  });
});

describe('merge', () => {
  test('adds to what the source has without loading it, and readers see the sum', async () => {
    source.rows.set('p1', { value: 40, version: 1 });
    const load = jest.spyOn(source.rows, 'get');
    const views = open();
    await views.merge('p1', 1);
    await views.merge('p1', 1);
    expect(load).not.toHaveBeenCalled();
    expect(await views.get('p1')).toBe(42);
    await views.flush();
    expect([source.rows.get('p1')?.value, source.calls]).toEqual([42, [['p1']]]);
    expect(await views.get('p1')).toBe(42);
  });

  test('of many at once is exact, also while batches are on their way', async () => {
    const views = open();
    const merged = Array.from({ length: 200 }, async (_, index) => {
      await views.merge('p1', 1);
      if (index % 10 === 0) await views.flush();
    });
    await Promise.all(merged);
    await views.flush();
    expect(source.rows.get('p1')?.value).toBe(200);
  });

  test('that was committed and not acknowledged is not added again with what came after it', async () => {
    const lost = new Error('the reply was lost');
    const saved = source.addMany;
    let failures = 1;
    const flaky = cache.resource(
      'flaky',
      writeBehind<string, number | null, number>({
        load: source.load,
        saveMany: source.saveMany,
        merge: {
          ...addition,
          saveMany: async (items) => {
            const results = await saved(items);
            failures -= 1;
            if (failures >= 0) throw lost;
            return results;
          },
        },
        ledger: memoryLedger(),
      }),
    );
    await flaky.merge('p2', 10);
    await expect(flaky.flush()).rejects.toBe(lost);
    await flaky.merge('p2', 3);
    await flaky.flush();
    await flaky.flush();
    expect(source.rows.get('p2')?.value).toBe(13);
  });

  test('is applied to a value that is unwritten, and to none after a removal', async () => {
    const views = open();
    await views.set('p1', 10);
    await views.merge('p1', 5);
    await views.remove('p2');
    await views.merge('p2', 5);
    expect(await views.getMany(['p1', 'p2'])).toEqual([15, 5]);
    await views.flush();
    expect([source.rows.get('p1')?.value, source.rows.get('p2')?.value]).toEqual([15, 5]);
  });

  test('is read as the sum by those who ask while it is on its way, once it is known', async () => {
    const slow = deferred();
    const held = cache.resource(
      'held',
      writeBehind<string, number | null, number>({
        load: source.load,
        saveMany: source.saveMany,
        merge: { ...addition, saveMany: (items) => slow.promise.then(() => source.addMany(items)) },
        ledger: memoryLedger(),
      }),
    );
    await held.merge('p1', 1);
    const flushed = held.flush();
    await clock.advance(0);
    await held.merge('p1', 1);
    const read = held.get('p1');
    await clock.advance(50);
    slow.resolve();
    await flushed;
    await clock.advance(200);
    expect(await read).toBe(2);
  });

  test('that is to be surer than those that wait is not noted with them', async () => {
    const ledger = memoryLedger();
    const asked: unknown[] = [];
    const recording: Ledger = {
      ...ledger,
      durability: ['fsynced'],
      open(context) {
        const book = ledger.open(context);
        return {
          ...book,
          put(write) {
            asked.push(write.durability);
            return book.put(write);
          },
        };
      },
    };
    const views = cache.resource(
      'surer',
      writeBehind<string, number | null, number>({
        load: source.load,
        saveMany: source.saveMany,
        merge: { ...addition, saveMany: source.addMany },
        ledger: recording,
      }),
    );
    await Promise.all([
      views.merge('p1', 1),
      views.merge('p1', 1),
      views.merge('p1', 1, { durability: 'fsynced' }),
      views.merge('p1', 1),
    ]);
    expect(new Set(asked)).toEqual(new Set(['accepted', 'fsynced']));
    await views.flush();
    expect(source.rows.get('p1')?.value).toBe(4);
  });

  test('and update take turns', async () => {
    const views = open();
    await views.merge('p1', 1);
    const updated = views.update('p1', (count) => (count ?? 0) * 10);
    await clock.advance(500);
    expect(await updated).toBe(10);
  });

  test('is refused where the resource has none, with what to give', async () => {
    const error = await rejectionOf(open(false).merge('p1', 1));
    expect([error.code, error.message]).toEqual(['INVALID_OPTION', expect.stringContaining('merge: { ...addition')]);
  });
});
