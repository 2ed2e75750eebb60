import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  type Cache,
  cacheAside,
  type Clock,
  type CacheOptions,
  memoryLedger,
  memoryStore,
  type SharedSpace,
  type SharedStore,
  writeBehind,
  writeThrough,
} from '@cache/core';
import { ManualClock } from '@cache/core/testing';
import { type BrokenStore, brokenError, brokenStore, type Fault, methods } from '../support/broken-store.ts';
import { deferred } from '../support/deferred.ts';
import { rejectionOf } from '../support/failure.ts';
import { cacheOn, heard } from '../support/memory-cache.ts';
import { SharedStoreModel } from '../../src/testing/shared-store-model.ts';

const deadline = 150;
const faults: Fault[] = ['rejects', 'throws', 'hangs'];
const everyFault = methods.flatMap((method) => faults.map((fault) => [method, fault] as const));

let clock: ManualClock;
let model: SharedStoreModel;
let store: BrokenStore;
let db: Map<string, string>;

beforeEach(() => {
  clock = new ManualClock();
  model = new SharedStoreModel(clock);
  store = brokenStore(model.store());
  db = new Map([['1', 'one'], ['2', 'two']]); // prettier-ignore
});

/** A process: a cache of its own over the one shared store. */
function open(options: CacheOptions = {}, of = store) {
  const cache = cacheOn(clock, { tiers: [memoryStore(), of], ...options });
  const load = jest.fn(async (id: string) => db.get(id) ?? null);
  const save = async (id: string, value: string | null) => db.set(id, value!);
  return {
    cache,
    load,
    users: cache.resource('user', cacheAside<string, string | null>({ load, tags: (_value, id) => [`id:${id}`] })),
    carts: cache.resource('cart', writeThrough<string, string | null>({ load, save })),
    views: cache.resource(
      'views',
      writeBehind<string, string | null>({
        load,
        saveMany: async (items) => items.forEach(({ key, value }) => db.set(key, value!)),
        ledger: memoryLedger(),
      }),
    ),
  };
}

/** What `work` gives, and the milliseconds it took on the clock, of at most `most`. */
async function timed<T>(work: Promise<T>, most: number): Promise<{ value: T; ms: number }> {
  const begun = clock.now();
  let ended: number | undefined;
  void work.then(
    () => (ended = clock.now()),
    () => (ended = clock.now()),
  );
  for (let passed = 0; ended === undefined && passed < most; passed += 10) await clock.advance(10);
  if (ended === undefined) throw new Error(`not settled within ${most} ms`);
  return { value: await work, ms: Math.max(0, ended - begun) };
}

/** Has the breaker open. */
async function bringDown(cache: Cache, fault: Fault = 'rejects'): Promise<void> {
  store.break(fault);
  for (let i = 0; i < 5; i += 1) await timed(cache.evict(`bring down ${i}`), deadline);
}

describe.each(everyFault)('a store whose %s %s', (method, fault) => {
  test('has every read answered, every write reach the source, and nothing unhandled', async () => {
    store.break(fault, [method]);
    const { cache, users, carts, views } = open();
    const most = 5 * deadline;
    for (let round = 0; round < 3; round += 1) {
      expect((await timed(users.get('1'), most)).value).toBe('one');
      expect((await timed(users.getMany(['1', '2', 'absent']), most)).value).toEqual(['one', 'two', null]);
      expect(['done', 'pending']).toContain((await timed(users.evict('1'), most)).value);
      await timed(
        users.mutate('2', () => db.set('2', 'two')),
        most,
      );
      expect((await timed(users.get('2'), most)).value).toBe('two');
      await timed(carts.set('c', `cart ${round}`), most);
      expect(db.get('c')).toBe(`cart ${round}`);
      expect((await timed(carts.get('c'), most)).value).toBe(`cart ${round}`);
      await timed(views.set('v', `view ${round}`), most);
      expect((await timed(views.get('v'), most)).value).toBe(`view ${round}`);
      await timed(views.flush(), most);
      expect(db.get('v')).toBe(`view ${round}`);
      await timed(cache.invalidateTags('id:1'), most);
      await timed(cache.clear(), most);
      expect(
        (
          await timed(
            cache.getOrSet('report', () => round),
            most,
          )
        ).value,
      ).toBe(round);
      await timed(cache.evict('report'), most);
      await timed(users.peek('1'), most);
    }
    await clock.advance(10_000);
    expect(await timed(cache.close(), 1_000)).toMatchObject({ value: { unwritten: 0 } });
    await clock.advance(10_000);
    expect(clock.timers).toBe(0);
  });
});

describe.each(faults)('a store that %s at each call', (fault) => {
  test('costs a read one deadline at the most, and nothing once it is left alone', async () => {
    store.break(fault);
    const { cache, users, load } = open();
    const [down, errors] = [heard(cache, 'storeDown'), heard(cache, 'storeError')];
    const most = fault === 'hangs' ? deadline : 0;
    for (let i = 0; i < 5; i += 1) {
      db.set(`k${i}`, `v${i}`);
      expect(await timed(users.get(`k${i}`), deadline)).toEqual({ value: `v${i}`, ms: most });
    }
    expect(down).toHaveLength(1);
    expect(errors).toHaveLength(5);
    const asked = store.calls.get('read');
    expect(await timed(users.getMany(['1', '2']), deadline)).toEqual({ value: ['one', 'two'], ms: 0 });
    expect(store.calls.get('read')).toBe(asked);
    expect(errors).toHaveLength(5);
    // What was loaded serves this process from memory all the same.
    load.mockClear();
    await users.get('1');
    expect(load).not.toHaveBeenCalled();
  });

  test('tells of a deletion as pending, and of how many there are', async () => {
    store.break(fault);
    const { cache, users } = open();
    const pending = heard(cache, 'evictionPending');
    expect((await timed(users.evict('1'), deadline)).value).toBe('pending');
    expect((await timed(users.evict('2'), deadline)).value).toBe('pending');
    expect((await timed(users.clear(), deadline)).value).toBe('pending');
    expect((await timed(cache.invalidateTags('a', 'b'), deadline)).value).toBe('pending');
    expect(pending.map((event) => event.pending)).toEqual([1, 2, 3, 5]);
  });

  test('has a mutate run its change, and rejects only as the change does', async () => {
    store.break(fault);
    const { users } = open();
    const error = new Error('constraint');
    await expect(
      timed(
        users.mutate('1', () => Promise.reject(error)),
        3 * deadline,
      ),
    ).rejects.toBe(error);
    expect(
      (
        await timed(
          users.mutate('1', () => 'changed'),
          3 * deadline,
        )
      ).value,
    ).toBe('changed');
  });

  test('has ready() reject, and close() end all the same', async () => {
    store.break(fault);
    const { cache } = open();
    const most = 5_000;
    await expect(timed(cache.ready(), most)).rejects.toThrow(
      fault === 'hangs' ? 'did not answer within 5000 ms' : brokenError.message,
    );
    expect(await timed(cache.close(), 1_000)).toMatchObject({ value: { unwritten: 0 } });
    expect(clock.timers).toBe(0);
  });

  test('is repaired before it is used again: no other process is given what was deleted meanwhile', async () => {
    const [one, other] = [open(), open({}, brokenStore(model.store()))];
    expect([await one.users.get('1'), await other.users.get('2')]).toEqual(['one', 'two']);
    const up = heard(one.cache, 'storeUp');
    await bringDown(one.cache, fault);
    expect(await one.users.evict('1')).toBe('pending');
    expect(await one.cache.invalidateTags('id:2')).toBe('pending');
    db.set('1', 'new one');
    db.set('2', 'new two');
    // In this process nothing old is served from now on.
    expect(await one.users.getMany(['1', '2'])).toEqual(['new one', 'new two']);
    store.mend();
    await clock.advance(2_000);
    expect(up).toHaveLength(1);
    expect(await other.users.getMany(['1', '2'])).toEqual(['new one', 'new two']);
    expect(await one.users.evict('1')).toBe('done');
    await one.cache.close();
    await other.cache.close();
    expect(clock.timers).toBe(0);
  });
});

describe('a store that is down', () => {
  test('is not asked for a deleted key, nor served from, until the deletion has been made', async () => {
    const { users, load } = open({ maxLocalStaleness: '1ms' });
    await users.get('1');
    store.break('rejects', ['evict']);
    expect(await users.evict('1')).toBe('pending');
    // It answers reads again, but still has the old value.
    db.set('1', 'new');
    load.mockClear();
    const asked = store.calls.get('read');
    expect(await users.get('1')).toBe('new');
    expect(store.calls.get('read')).toBe(asked);
    await clock.advance(1);
    expect(await users.get('1')).toBe('new');
    expect(load).toHaveBeenCalledTimes(2);
    store.mend();
    await clock.advance(250);
    expect(await users.get('1')).toBe('new');
    await clock.advance(1);
    load.mockClear();
    expect(await users.get('1')).toBe('new');
    expect(load).not.toHaveBeenCalled();
  });

  test('tells of a deletion as pending while an older one of the same key is', async () => {
    const { users } = open();
    store.break('rejects', ['evict']);
    await users.evict('1');
    store.mend();
    expect(await users.evict('1')).toBe('pending');
    await clock.advance(250);
    expect(await users.evict('1')).toBe('done');
  });

  test('has more deletions than can be remembered made as one of everything', async () => {
    const other = open({}, brokenStore(model.store()));
    expect(await other.users.get('1')).toBe('one');
    const { cache, users } = open();
    await bringDown(cache);
    for (let i = 0; i <= 10_000; i += 1) void users.evict(`k${i}`);
    expect(await users.evict('1')).toBe('pending');
    store.mend();
    const before = store.calls.get('evict')!;
    await clock.advance(250);
    expect(store.calls.get('evict')! - before).toBeLessThan(5);
    db.set('1', 'new');
    await clock.advance(1_000);
    expect(await other.users.get('1')).toBe('new');
  });

  test('keeps a deletion owed when the store itself calls it pending', async () => {
    const working = model.store();
    const evict = jest.fn<SharedSpace['evict']>().mockResolvedValue('pending');
    const reluctant: SharedStore = { ...working, open: (context) => ({ ...working.open(context), evict }) };
    const { users } = open({}, brokenStore(reluctant));
    expect(await users.evict('1')).toBe('pending');
    await clock.advance(1_000);
    expect(evict).toHaveBeenCalledTimes(5);
    evict.mockResolvedValue('done');
    await clock.advance(1_000);
    expect(evict).toHaveBeenCalledTimes(6);
    expect(await users.evict('1')).toBe('done');
  });
});

describe('what memory holds in front of the shared tier', () => {
  test('is asked about again after maxLocalStaleness, a second if nothing is said', async () => {
    const { users, load } = open();
    await users.get('1');
    await clock.advance(999);
    await users.get('1');
    const before = store.calls.get('read');
    await clock.advance(1);
    await users.get('1');
    expect(store.calls.get('read')).toBe(before! + 1);
    expect(load).toHaveBeenCalledTimes(1);
  });

  test('never outlives what is in the shared tier', async () => {
    const [one, other] = [open({ maxLocalStaleness: '1h' }), open({ maxLocalStaleness: '1h' })];
    await one.users.get('1');
    await clock.advance(299_000);
    expect(await other.users.get('1')).toBe('one');
    expect(other.load).not.toHaveBeenCalled();
    await clock.advance(1_000);
    await other.users.get('1');
    expect(other.load).toHaveBeenCalledTimes(1);
  });

  test('is loaded again when it is too old by the clock of this process, whatever the store says', async () => {
    await open().users.get('1');
    const ahead: Clock = {
      now: () => clock.now() + 300_000,
      elapsed: () => clock.elapsed(),
      setTimer: (ms, run) => clock.setTimer(ms, run),
    };
    const other = open({ clock: ahead });
    db.set('1', 'new');
    expect(await other.users.get('1')).toBe('new');
  });

  test.each<[string, unknown]>([
    ['null', null],
    ['zero', 0],
    ['an empty string', ''],
    ['false', false],
    ['a Date', new Date(5)],
    ['a Map of Dates', new Map([['a', new Date(5)]])],
    ['a bigint', 5n],
    ['a Buffer', Buffer.from('abc')],
    ['plain data', { a: [1, { b: null }] }],
    ['an undefined field', { a: undefined }],
  ])('has the same shape in every process: %s', async (_name, value) => {
    const caches = [0, 1].map(() => cacheOn(clock, { tiers: [memoryStore(), store] }));
    const load = jest.fn(async () => value);
    const found: unknown[] = [];
    for (const cache of caches) {
      const resource = cache.resource('any', cacheAside<string, unknown>({ load }));
      found.push(await resource.get('1'), await resource.get('1'));
    }
    expect(load).toHaveBeenCalledTimes(1);
    for (const each of found) expect(each).toEqual(value);
  });

  test('is undone for all by a value of another shape version, which is a miss', async () => {
    const old = open({ version: 1 });
    await old.users.get('1');
    const young = open({ version: 2 });
    db.set('1', 'of shape 2');
    expect(await young.users.get('1')).toBe('of shape 2');
    expect(young.load).toHaveBeenCalledTimes(1);
  });
});

describe('a serializer that fails', () => {
  const failing = (what: 'encode' | 'decode') => ({
    encode: (value: unknown) => {
      if (what === 'encode') throw new Error('no form');
      return { form: 7, bytes: Buffer.from(JSON.stringify(value)) };
    },
    decode: (): unknown => {
      throw new Error('no such form');
    },
  });

  test.each(['encode', 'decode'] as const)('at %s makes reads slower, not wrong', async (what) => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const { cache, users, carts } = open({ serializer: failing(what), maxLocalStaleness: '1ms' });
    const told = [heard(cache, 'unstorable'), heard(cache, 'storeError')];
    for (let i = 0; i < 3; i += 1) {
      expect(await users.get('1')).toBe('one');
      await carts.set('c', 'cart');
      expect(await carts.get('c')).toBe('cart');
      await clock.advance(5);
    }
    expect(told.flat().length).toBeGreaterThan(0);
    await cache.close();
    expect(clock.timers).toBe(0);
    warn.mockRestore();
  });
});

describe('a load under way when the cache closes', () => {
  test('keeps its lease no longer, and leaves no timer', async () => {
    const { cache } = open();
    const loading = deferred<string>();
    const slow = cache.resource('slow', cacheAside<string, string>({ load: () => loading.promise }));
    const answer = slow.get('1');
    await clock.advance(5_000);
    expect(store.calls.get('extend')).toBeGreaterThan(3);
    const ended = rejectionOf(answer);
    const closing = cache.close({ timeout: '1s' });
    await clock.advance(1_000);
    await closing;
    expect(clock.timers).toBe(0);
    loading.resolve('value');
    expect((await ended).code).toBe('CLOSED');
  });
});

describe('an invalidation', () => {
  test('that fails stays in force here, although an earlier one of the same tag succeeds meanwhile', async () => {
    const late: { reply?: Promise<void> } = {};
    const wired = brokenStore(model.store(async (step) => (step === 'reply invalidate' ? late.reply : undefined)));
    const { cache, users } = open({ maxLocalStaleness: '1h' }, wired);
    const arriving = deferred();
    late.reply = arriving.promise;
    const first = cache.invalidateTags('id:1');
    await clock.advance(0);
    // What is loaded here knows of the early one, whose reply is still on its way.
    expect(await users.get('1')).toBe('one');
    wired.break('hangs', ['invalidate']);
    const second = cache.invalidateTags('id:1');
    db.set('1', 'new');
    arriving.resolve();
    expect(await first).toBe('done');
    await clock.advance(deadline);
    expect(await second).toBe('pending');
    expect(await users.get('1')).toBe('new');
  });

  test('of another process counts for who reads after it, though he joins a look at the record from before it', async () => {
    const late: { reply?: Promise<void> } = {};
    const wired = brokenStore(model.store(async (step) => (step === 'reply tags' ? late.reply : undefined)));
    const [one, other] = [open({}, wired), open({}, brokenStore(model.store()))];
    // Both values are in the shared tier, and `one` knows the record.
    await other.users.getMany(['1', '2']);
    await one.users.get('absent');
    await other.cache.invalidateTags('something else');
    const arriving = deferred();
    late.reply = arriving.promise;
    const first = one.users.get('2');
    await clock.advance(0);
    await other.cache.invalidateTags('id:1');
    db.set('1', 'new');
    const second = one.users.get('1');
    await clock.advance(0);
    arriving.resolve();
    expect(await first).toBe('two');
    expect(await second).toBe('new');
  });

  test('of another process counts for who has waited for a value that was loaded before it', async () => {
    const loading = deferred<string>();
    const [one, other] = [open(), open({}, brokenStore(model.store()))];
    other.load.mockReturnValueOnce(loading.promise);
    const theirs = other.users.get('1');
    await clock.advance(100);
    const early = one.users.get('1');
    await clock.advance(100);
    const third = open({}, brokenStore(model.store()));
    await third.cache.invalidateTags('id:1');
    db.set('1', 'new');
    await clock.advance(2_000);
    // This one asks long after the invalidation, and joins the wait.
    const late = one.users.get('1');
    loading.resolve('old');
    await theirs;
    await clock.advance(5_000);
    expect(await late).toBe('new');
    expect(['old', 'new']).toContain(await early);
  });
});

test('the breaker is open while a frozen store is left alone, and errors are told with its name', async () => {
  const { cache, users } = open();
  const errors = heard(cache, 'storeError');
  store.break('hangs');
  await timed(users.evict('1'), deadline);
  expect(errors).toMatchObject([{ store: 'model', error: { code: 'STORE_TIMEOUT', store: 'model' } }]);
  store.break('rejects');
  await users.evict('1');
  expect(errors[1]).toEqual({ store: 'model', error: brokenError });
});

test('a lease that is granted after its reader gave up is given back, so that nobody waits until it runs out', async () => {
  const late = deferred();
  const slow = model.store(async (step) => {
    if (step === 'reply lease') await late.promise;
  });
  const [first, second] = [open({}, brokenStore(slow)), open()];
  expect((await timed(first.users.get('1'), 2 * deadline)).value).toBe('one');
  late.resolve();
  await clock.advance(0);
  expect(await timed(second.users.get('1'), 1_000)).toEqual({ value: 'one', ms: 0 });
});

test('a write pays one deadline for a store that hangs, not one before its change and one after', async () => {
  const { carts } = open();
  store.break('hangs');
  expect((await timed(carts.set('1', 'uno'), 1_000)).ms).toBe(deadline);
});

test('a load that takes longer than memory is trusted for is kept all the same, with the store or without', async () => {
  for (const fault of [undefined, 'rejects'] as const) {
    if (fault !== undefined) store.break(fault);
    const { cache } = open({ maxLocalStaleness: '1s' });
    const load = jest.fn(async () => {
      await clock.advance(1_500);
      return 'slow';
    });
    const slow = cache.resource('slow', cacheAside<string, string>({ load }));
    expect(await slow.get('1')).toBe('slow');
    await clock.advance(0);
    expect(await slow.get('1')).toBe('slow');
    expect(load).toHaveBeenCalledTimes(1);
  }
});

test('a process that waits for what another shape version fills does not wait for more than the load', async () => {
  const [old, young] = [open({ version: 1 }), open({ version: 2 })];
  await old.users.get('1');
  await clock.advance(1_000);
  await old.users.evict('1');
  const slow = deferred();
  old.load.mockImplementationOnce(async () => {
    await slow.promise;
    return 'one';
  });
  const leading = old.users.get('1');
  await clock.advance(0);
  const waiting = timed(young.users.get('1'), 11_000);
  await clock.advance(100);
  slow.resolve();
  expect(await leading).toBe('one');
  const { value, ms } = await waiting;
  expect(value).toBe('one');
  expect(ms).toBeLessThan(300);
});

test('a marker whose set or commit got no reply does not keep the key empty until it runs out', async () => {
  for (const lost of ['reply mark', 'reply commit'] as const) {
    let loses = true;
    const store = model.store((step) =>
      loses && step === lost ? new Promise<void>(() => undefined) : Promise.resolve(),
    );
    const { carts } = open({}, brokenStore(store));
    await timed(carts.set('1', lost), 1_000);
    loses = false;
    await clock.advance(1_000);
    expect(await carts.get('1')).toBe(lost);
    expect(await open().carts.peek('1')).toMatchObject({ hit: true, value: lost });
  }
});

test('a wall clock that is set back makes nothing last longer', async () => {
  const [a, b] = [open(), open()];
  expect(await a.users.get('1')).toBe('one');
  await b.users.mutate('1', () => db.set('1', 'uno'));
  clock.set(-3_600_000);
  await clock.advance(1_001);
  expect(await a.users.get('1')).toBe('uno');
  await a.views.set('2', 'zwei');
  await clock.advance(2_001);
  expect(db.get('2')).toBe('zwei');
});

test.each(['none', 'before', 'during'] as const)(
  'memory goes on serving while the store is away, with a clear %s the outage',
  async (when) => {
    const { cache, users, load } = open({ maxLocalStaleness: '1h' });
    await users.get('1');
    if (when === 'before') await users.clear();
    await bringDown(cache);
    if (when === 'during') await users.clear();
    load.mockClear();
    for (let i = 0; i < 10; i += 1) expect(await users.get('1')).toBe('one');
    expect(load).toHaveBeenCalledTimes(when === 'none' ? 0 : 1);
  },
);

test('ready() waits for a store that comes back in time', async () => {
  const { cache } = open();
  store.break('rejects', ['ping']);
  const ready = timed(cache.ready({ timeout: '8s' }), 8_000);
  await clock.advance(700);
  store.mend();
  expect((await ready).ms).toBeLessThan(1_000);
});

test('a load or a change that hangs leaves no timer behind once the cache is closed', async () => {
  const { cache, load, users } = open();
  load.mockImplementation(() => new Promise(() => undefined));
  void users.get('1').catch(() => undefined);
  void users.mutate('2', () => new Promise(() => undefined));
  await clock.advance(1_000);
  const closing = cache.close({ timeout: '5s' });
  await clock.advance(5_000);
  await closing;
  expect(clock.timers).toBe(0);
});
