import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  type Cache,
  type DirtyItem,
  type DirtyKey,
  type Ledger,
  memoryLedger,
  memoryStore,
  writeBehind,
} from '@cache/core';
import { ManualClock } from '@cache/core/testing';
import { deferred } from '../../support/deferred.ts';
import { rejectionOf, thrownBy } from '../../support/failure.ts';
import { cacheOn, heard } from '../../support/memory-cache.ts';

interface Views {
  count: number;
}

let clock: ManualClock;
let cache: Cache;
let db: Map<string, Views>;
let load: jest.Mock<(id: string) => Promise<Views | null>>;
let saveMany: jest.Mock<(items: readonly DirtyItem<Views | null>[]) => Promise<unknown>>;
let removeMany: jest.Mock<(items: readonly DirtyKey[]) => Promise<unknown>>;

beforeEach(() => {
  clock = new ManualClock();
  cache = cacheOn(clock);
  db = new Map();
  load = jest.fn(async (id: string) => structuredClone(db.get(id) ?? null));
  saveMany = jest.fn(async (items: readonly DirtyItem<Views | null>[]) => {
    for (const { key, value } of items) db.set(key, structuredClone(value!));
  });
  removeMany = jest.fn(async (items: readonly DirtyKey[]) => {
    for (const { key } of items) db.delete(key);
  });
});

const open = (of = cache, flush: { after?: '1s'; max?: number } = {}) =>
  of.resource(
    'views',
    writeBehind<string, Views | null>({ load, saveMany, removeMany, ledger: memoryLedger(), flush, ttl: '10s' }),
  );
const batches = () => saveMany.mock.calls.map(([items]) => items.map(({ key, value }) => [key, value?.count]));
const removed = () => removeMany.mock.calls.map(([items]) => items.map(({ key }) => key));
/** A source that is away, which is no record's fault. */
const down = Object.assign(new Error('down'), { code: 'ECONNREFUSED' });

describe('set', () => {
  test('resolves before the source has the value, and every read sees it at once', async () => {
    const views = open();
    await views.set('p1', { count: 1 });
    expect([saveMany.mock.calls.length, views.dirty]).toEqual([0, 1]);
    expect(await views.get('p1')).toEqual({ count: 1 });
    expect(await views.getMany(['p1', 'p2'])).toEqual([{ count: 1 }, null]);
    expect(await views.peek('p1')).toMatchObject({ hit: true, value: { count: 1 } });
    expect(load.mock.calls.map(([id]) => id)).toEqual(['p2']);
  });

  test('again and again reaches the source once, with the newest value, two seconds after the first', async () => {
    const views = open();
    for (let count = 1; count <= 100; count += 1) await views.set('p1', { count });
    await clock.advance(1_999);
    expect(batches()).toEqual([]);
    await clock.advance(1);
    expect(batches()).toEqual([[['p1', 100]]]);
    expect([views.dirty, db.get('p1')?.count]).toEqual([0, 100]);
  });

  test('goes at once when as many keys wait as a batch may have', async () => {
    const views = open(cache, { max: 3 });
    for (const key of ['a', 'b', 'a', 'c']) await views.set(key, { count: 1 });
    await clock.advance(0);
    expect(batches()).toEqual([[['a', 1], ['b', 1], ['c', 1]]]); // prettier-ignore
  });

  test('goes after the time that the resource says', async () => {
    const views = open(cache, { after: '1s' });
    await views.set('p1', { count: 1 });
    await clock.advance(1_000);
    expect(batches()).toEqual([[['p1', 1]]]);
  });

  test('gives the writer versions that rise, and copies that it may change', async () => {
    const views = open();
    const versions: number[] = [];
    saveMany.mockImplementation(async (items) => {
      versions.push(...items.map(({ version }) => version));
      items[0]!.value!.count = -1;
    });
    const mine = { count: 1 };
    await views.set('p1', mine);
    mine.count = -2;
    expect(await views.get('p1')).toEqual({ count: 1 });
    await views.flush();
    expect(await views.get('p1')).toEqual({ count: 1 });
    await views.set('p1', { count: 2 });
    await views.flush();
    expect(versions[1]).toBeGreaterThan(versions[0]!);
  });

  test('is seen in the turn in which it was accepted, though a load of the old value is under way', async () => {
    const loading = deferred<Views>();
    load.mockReturnValueOnce(loading.promise);
    const views = open();
    const before = views.get('p1');
    await clock.advance(0);
    await views.set('p1', { count: 2 });
    loading.resolve({ count: 1 });
    expect(await before).toEqual({ count: 1 });
    expect(await views.get('p1')).toEqual({ count: 2 });
  });

  test('of one key by many at once costs the ledger little, and the last one counts', async () => {
    const ledger = memoryLedger();
    let puts = 0;
    const counted: Ledger = {
      ...ledger,
      open: (context) => {
        const book = ledger.open(context);
        const put: typeof book.put = (write) => {
          puts += 1;
          return book.put(write);
        };
        return { ...book, put };
      },
    };
    const views = cache.resource(
      'hot',
      writeBehind<string, Views | null>({ load, saveMany, removeMany, ledger: counted }),
    );
    const all = Array.from({ length: 100 }, (_, count) => views.set('p1', { count }));
    await Promise.all([...all, views.set('p2', { count: 1 }), views.remove('p2')]);
    expect([await views.get('p1'), await views.get('p2'), puts]).toEqual([{ count: 99 }, null, 4]);
    await views.set('p1', { count: 100 });
    expect(await views.get('p1')).toEqual({ count: 100 });
  });

  test('refuses what no source could be given: no value, no key, a class instance', async () => {
    const views = open();
    expect((await rejectionOf(views.set('p1', undefined as unknown as Views))).code).toBe('UNDEFINED_VALUE');
    expect((await rejectionOf(views.set('', { count: 1 }))).code).toBe('INVALID_KEY');
    const foreign = { count: 1, increment: () => undefined };
    expect((await rejectionOf(views.set('p1', foreign))).code).toBe('UNSTORABLE_VALUE');
    expect(views.dirty).toBe(0);
  });
});

describe('a dirty value is still seen', () => {
  test('after memory has forgotten it', async () => {
    const views = open(cacheOn(clock, { tiers: [memoryStore({ maxEntries: 1 })] }));
    for (const key of ['a', 'b', 'c']) await views.set(key, { count: key.charCodeAt(0) });
    expect(await views.getMany(['a', 'b', 'c'])).toEqual([{ count: 97 }, { count: 98 }, { count: 99 }]);
    expect(load).not.toHaveBeenCalled();
  });

  test('after it was evicted or cleared, since the source does not have it', async () => {
    const views = open();
    await views.set('p1', { count: 5 });
    for (const forget of [() => views.evict('p1'), () => views.clear(), () => cache.clear()]) {
      await forget();
      expect(await views.get('p1')).toEqual({ count: 5 });
    }
    expect([load.mock.calls.length, views.dirty]).toEqual([0, 1]);
    expect(await views.peek('p1')).toMatchObject({ hit: true, value: { count: 5 } });
  });

  test('after its ttl has ended, while the source is down', async () => {
    saveMany.mockRejectedValue(down);
    const views = open();
    await views.set('p1', { count: 5 });
    await clock.advance(60_000);
    expect(await views.get('p1')).toEqual({ count: 5 });
    expect(load).not.toHaveBeenCalled();
  });

  test('while its batch is on its way to the source', async () => {
    const saving = deferred();
    saveMany.mockReturnValueOnce(saving.promise);
    const views = open();
    await views.set('p1', { count: 5 });
    const flushed = views.flush();
    await clock.advance(0);
    await views.evict('p1');
    expect(await views.get('p1')).toEqual({ count: 5 });
    saving.resolve();
    await flushed;
    expect(views.dirty).toBe(0);
  });

  test('apart for each caller, if it can be changed', async () => {
    const ledger = memoryLedger();
    const strategy = writeBehind<string, Date>({ load: () => new Date(9), saveMany: async () => undefined, ledger });
    const views = cache.resource('dates', strategy);
    await views.set('p1', new Date(0));
    await views.evict('p1');
    for (let i = 0; i < 2; i += 1) {
      const mine = await views.get('p1');
      expect(mine).toEqual(new Date(0));
      mine.setTime(5);
    }
  });
});

describe('remove', () => {
  test('is read as null at once, and reaches the source with the batch', async () => {
    db.set('p1', { count: 1 });
    const views = open();
    await views.remove('p1');
    expect(await views.get('p1')).toBeNull();
    expect(load).not.toHaveBeenCalled();
    await views.flush();
    expect(removed()).toEqual([['p1']]);
    expect(saveMany).not.toHaveBeenCalled();
    await views.evict('p1');
    expect(await views.get('p1')).toBeNull();
  });

  test('and set take the place of one another: the later one counts', async () => {
    const views = open();
    await views.set('a', { count: 1 });
    await views.remove('a');
    await views.remove('b');
    await views.set('b', { count: 2 });
    await views.flush();
    expect(batches()).toEqual([[['b', 2]]]);
    expect(removed()).toEqual([['a']]);
  });

  test('is refused where the resource has none, with what to give', async () => {
    const views = cache.resource(
      'views',
      writeBehind<string, Views | null>({ load, saveMany, ledger: memoryLedger() }),
    );
    const error = await rejectionOf(views.remove('p1'));
    expect(error.code).toBe('INVALID_OPTION');
    expect(error.message).toContain('writeBehind({ removeMany: (items) => … })');
  });
});

describe('a source that fails', () => {
  test('is tried again with growing pauses until it has everything, and events tell', async () => {
    saveMany.mockRejectedValueOnce(down).mockRejectedValueOnce(down);
    const [flushed, failed] = [heard(cache, 'flush'), heard(cache, 'flushError')];
    const views = open();
    await views.set('p1', { count: 1 });
    await views.set('p2', { count: 2 });
    await clock.advance(2_300);
    expect(failed.map(({ resource, count, error }) => [resource, count, error])).toEqual([
      ['views', 2, down],
      ['views', 2, down],
    ]);
    expect(failed[0]!.retryIn).toBeGreaterThanOrEqual(1);
    expect(failed[0]!.retryIn).toBeLessThanOrEqual(100);
    expect(flushed).toEqual([{ resource: 'views', count: 2, ms: 0 }]);
    expect([db.get('p1')?.count, db.get('p2')?.count, views.dirty]).toEqual([1, 2, 0]);
  });

  test('has flush reject with its own error, and loses nothing', async () => {
    const error = new Error('constraint');
    saveMany.mockRejectedValueOnce(error);
    const views = open();
    await views.set('p1', { count: 1 });
    await expect(views.flush()).rejects.toBe(error);
    expect(views.dirty).toBe(1);
    await views.flush();
    expect(db.get('p1')).toEqual({ count: 1 });
  });
});

describe('closing', () => {
  test('brings everything to the source first', async () => {
    const views = open();
    await views.set('p1', { count: 1 });
    expect(await cache.close()).toEqual({ unwritten: 0 });
    expect(db.get('p1')).toEqual({ count: 1 });
    expect(clock.timers).toBe(0);
    expect((await rejectionOf(views.set('p1', { count: 2 }))).code).toBe('CLOSED');
    expect((await rejectionOf(views.get('p1'))).code).toBe('CLOSED');
  });

  test('tells how much it could not bring within its time, and leaves no timer', async () => {
    saveMany.mockRejectedValue(down);
    const views = open();
    await views.set('p1', { count: 1 });
    await views.set('p2', { count: 1 });
    const settled = jest.fn();
    const closed = cache.close({ timeout: '5s' }).then(settled);
    await clock.advance(4_999);
    expect(settled).not.toHaveBeenCalled();
    await clock.advance(1);
    await closed;
    expect(settled).toHaveBeenCalledWith({ unwritten: 2 });
    expect(clock.timers).toBe(0);
  });

  test('waits for a batch that is under way, and writes nothing twice', async () => {
    const saving = deferred();
    saveMany.mockReturnValueOnce(saving.promise);
    const views = open();
    await views.set('p1', { count: 1 });
    await clock.advance(2_000);
    const closed = cache.close();
    await clock.advance(100);
    saving.resolve();
    expect(await closed).toEqual({ unwritten: 0 });
    expect(saveMany).toHaveBeenCalledTimes(1);
  });

  test('takes with it a write that was accepted in the same turn', async () => {
    const views = open();
    const accepted = views.set('p1', { count: 1 });
    const closed = cache.close();
    await clock.advance(0);
    await accepted;
    expect(await closed).toEqual({ unwritten: 0 });
    expect(db.get('p1')).toEqual({ count: 1 });
  });
});

test.each([
  [{}, 'writeBehind: saveMany is missing; write saveMany: (items)'],
  [{ saveMany: async () => 1, load: () => 1 }, 'writeBehind: ledger is missing; write ledger: memoryLedger()'],
  [{ saveMany: async () => 1, load: () => 1, ledger: memoryLedger }, 'ledger must be a ledger, such as memoryLedger()'],
  [{ saveMany: async () => 1, ledger: memoryLedger() }, 'needs `load`'],
  [
    { saveMany: async () => 1, load: () => 1, ledger: memoryLedger(), flush: { max: 0 } },
    'writeBehind: flush: max must',
  ],
  [{ saveMany: async () => 1, load: () => 1, ledger: memoryLedger(), flush: { after: 0 } }, 'must be longer than zero'],
  [
    { saveMany: async () => 1, load: () => 1, ledger: memoryLedger(), flush: '2s' },
    'writeBehind: flush takes one object',
  ],
  [{ saveMany: async () => 1, load: () => 1, ledger: memoryLedger(), flush: { every: 1 } }, "has no option 'every'"],
])('options %p are refused at once', (options, sentence) => {
  const given = options as unknown as Parameters<typeof writeBehind<string, string>>[0];
  expect(thrownBy(() => writeBehind(given)).message).toContain(sentence);
});
