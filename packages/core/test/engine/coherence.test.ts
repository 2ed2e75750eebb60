import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  type Bus,
  type BusContext,
  cacheAside,
  type CacheOptions,
  type Clock,
  memoryStore,
  writeThrough,
} from '@cache/core';
import { ManualClock, SharedStoreModel } from '@cache/core/testing';
import { BusModel } from '../support/bus-model.ts';
import { brokenStore } from '../support/broken-store.ts';
import { deferred } from '../support/deferred.ts';
import { cacheOn, heard } from '../support/memory-cache.ts';

let clock: ManualClock;
let model: SharedStoreModel;
let bus: BusModel;
let db: Map<string, string>;
beforeEach(() => {
  clock = new ManualClock();
  model = new SharedStoreModel(clock);
  bus = new BusModel();
  db = new Map([['7', 'old']]);
});

/** A process over the shared store and the bus, which it hears. */
async function open(options: CacheOptions = {}) {
  const cache = cacheOn(clock, { tiers: [memoryStore(), model.store()], bus: bus.bus(), ...options });
  const load = jest.fn(async (id: string) => db.get(id) ?? null);
  const save = async (id: string, value: string | null) => void db.set(id, value!);
  const tags = ['all'];
  const aside = { load, tags, ttl: '1h', grace: '1h' } as const;
  const process = {
    cache,
    load,
    users: cache.resource('user', cacheAside<string, string | null>(aside)),
    carts: cache.resource('cart', writeThrough<string, string | null>({ load, save, ttl: '1h' })),
    report: () => cache.getOrSet('report: 1', () => load('7'), { ttl: '1h' }),
  };
  await clock.advance(0);
  return process;
}

const settled = (): Promise<void> => clock.advance(0);

describe('while the bus is heard', () => {
  test('memory is not asked to look again before the value is over', async () => {
    const mine = await open();
    await mine.users.get('7');
    await clock.advance(1_800_000);
    expect(mine.users.peekLocal('7')).toBe('old');
  });

  test.each<[string, (other: Awaited<ReturnType<typeof open>>) => Promise<unknown>]>([
    ['an eviction', ({ users }) => (db.set('7', 'new'), users.evict('7'))],
    ['a change', ({ users }) => users.mutate('7', () => db.set('7', 'new'))],
    ['a value that is put', ({ users }) => (db.set('7', 'new'), users.put('7', 'new'))],
    ['a refresh', ({ users }) => (db.set('7', 'new'), users.refresh('7'))],
    ['an end of freshness', ({ users }) => (db.set('7', 'new'), users.expire('7'))],
    ['an invalidation of a tag', ({ cache }) => (db.set('7', 'new'), cache.invalidateTags('all'))],
    ['a clear of the resource', ({ users }) => (db.set('7', 'new'), users.clear())],
    ['a clear of everything', ({ cache }) => (db.set('7', 'new'), cache.clear())],
  ])('%s by another process is seen by the next read', async (_name, change) => {
    const [mine, other] = [await open(), await open()];
    expect(await mine.users.get('7')).toBe('old');
    await settled();
    expect(mine.users.peekLocal('7')).toBe('old');
    await change(other);
    await settled();
    expect(mine.users.peekLocal('7')).toBeUndefined();
    expect(await mine.users.get('7')).toBe('new');
  });

  test('a write through another process, and an eviction of an ad hoc key with colons, are seen as well', async () => {
    const [mine, other] = [await open(), await open()];
    await Promise.all([mine.carts.get('7'), mine.report()]);
    await settled();
    await other.carts.set('7', 'new');
    await other.cache.evict('report: 1');
    await settled();
    expect(await mine.carts.get('7')).toBe('new');
    expect(await mine.report()).toBe('new');
  });

  test('what a process changes itself it does not forget', async () => {
    const [mine] = [await open(), await open()];
    await mine.users.put('7', 'new');
    await clock.advance(2_000);
    expect(mine.users.peekLocal('7')).toBe('new');
  });

  test('a load that another process overtakes is not kept', async () => {
    const [mine, other] = [await open(), await open()];
    let answer!: (value: string) => void;
    mine.load.mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
    const loading = mine.users.get('7');
    await settled();
    await other.users.mutate('7', () => db.set('7', 'new'));
    await settled();
    answer('old');
    await loading;
    await settled();
    expect(mine.users.peekLocal('7')).toBeUndefined();
    expect(await mine.users.get('7')).toBe('new');
  });

  test('changes of one turn leave as one message', async () => {
    const mine = await open();
    const before = bus.sent.length;
    await Promise.all(Array.from({ length: 100 }, (_, id) => mine.users.evict(String(id))));
    await settled();
    expect(bus.sent.slice(before).filter((message) => message.includes('keys'))).toHaveLength(1);
  });

  test('a load that finds nothing in the shared tier tells nobody', async () => {
    const mine = await open();
    await mine.users.get('7');
    await settled();
    expect(bus.sent.filter((message) => message.includes('keys'))).toEqual([]);
  });
});

describe('a change that is not heard', () => {
  const isKeys = (message: string): boolean => message.includes('"keys"');

  test.each<[string, string, () => void]>([
    ['because a message is lost', 'busGap', () => bus.lose((message, receiver) => isKeys(message) && receiver === 0)],
    ['because the bus froze', 'busDown', () => bus.freeze()],
    ['because the bus is disconnected', 'busDown', () => bus.disconnect()],
    [
      'because only its publisher is not heard',
      'busGap',
      () => bus.lose((message, to) => to === 0 && !message.includes(first())),
    ],
  ])('%s costs no more than maxLocalStaleness', async (_name, event, breakIt) => {
    const [mine, other] = [await open(), await open()];
    await clock.advance(3_000);
    expect(await mine.users.get('7')).toBe('old');
    const told = heard(mine.cache, event as 'busGap' | 'busDown');
    breakIt();
    await other.users.mutate('7', () => db.set('7', 'new'));
    await clock.advance(1_000);
    expect(told).toHaveLength(1);
    expect(await mine.users.get('7')).toBe('new');
  });

  /** The publisher that was the first to speak. */
  const first = (): string => (JSON.parse(bus.sent[0]!) as [string])[0];

  test('because the process itself stood still, is not given to who asks after it woke up', async () => {
    const [mine, other] = [await open(), await open()];
    await mine.users.get('7');
    bus.lose((_message, receiver) => receiver === 0);
    await other.users.mutate('7', () => db.set('7', 'new'));
    await clock.advance(60_000);
    expect(await mine.users.get('7')).toBe('new');
  });

  test('because the process itself stood still, is not given to who asks before its timers have their turn', async () => {
    let stoodStill = 0;
    const standing: Clock = {
      now: () => clock.now() + stoodStill,
      elapsed: () => clock.elapsed() + stoodStill,
      setTimer: (ms, run) => clock.setTimer(ms, run),
    };
    const [mine, other] = [await open({ clock: standing }), await open()];
    await mine.users.get('7');
    bus.lose((_message, receiver) => receiver === 0);
    await other.users.mutate('7', () => db.set('7', 'new'));
    stoodStill = 1_000;
    expect(mine.users.peekLocal('7')).toBeUndefined();
    expect(await mine.users.get('7')).toBe('new');
  });

  test('while there is no bus to hear, costs no more than maxLocalStaleness either', async () => {
    const [mine, other] = [await open(), await open()];
    bus.freeze();
    await clock.advance(2_000);
    await mine.users.get('7');
    await other.users.mutate('7', () => db.set('7', 'new'));
    await clock.advance(999);
    expect(await mine.users.get('7')).toBe('old');
    await clock.advance(1);
    expect(await mine.users.get('7')).toBe('new');
  });
});

describe('a bus that is lost', () => {
  test('is told of once, and again when it is back', async () => {
    const mine = await open();
    const [down, up] = [heard(mine.cache, 'busDown'), heard(mine.cache, 'busUp')];
    bus.disconnect();
    expect(down).toEqual([{ bus: 'model bus', reason: 'disconnected' }]);
    await clock.advance(5_000);
    expect(up).toEqual([]);
    bus.connect();
    await settled();
    expect(up).toEqual([{ bus: 'model bus' }]);
    expect(down).toHaveLength(1);
    await mine.users.get('7');
    await clock.advance(60_000);
    expect(mine.users.peekLocal('7')).toBe('old');
  });

  test('being frozen, is given up for a new connection', async () => {
    const mine = await open();
    const down = heard(mine.cache, 'busDown');
    bus.freeze();
    await clock.advance(1_000);
    expect(down).toEqual([{ bus: 'model bus', reason: 'silence' }]);
    expect(bus.resets).toBe(1);
  });

  test('that froze before it was ever heard is given up as well', async () => {
    bus.freeze();
    await open();
    await clock.advance(1_000);
    expect(bus.resets).toBe(1);
  });

  test('leaves what memory has for grace, while neither Redis nor the source answers', async () => {
    const store = brokenStore(model.store());
    const mine = await open({ tiers: [memoryStore(), store] });
    await mine.users.get('7');
    await settled();
    bus.disconnect();
    store.break('rejects');
    mine.load.mockRejectedValue(new Error('down'));
    expect(mine.users.peekLocal('7')).toBeUndefined();
    expect(await mine.users.get('7')).toBe('old');
  });
});

describe('other processes', () => {
  test('that end well cost nothing, and that die cost one look', async () => {
    const [mine, ends, dies] = [await open(), await open(), await open()];
    const gaps = heard(mine.cache, 'busGap');
    await ends.cache.close();
    await clock.advance(5_000);
    expect(gaps).toEqual([]);
    const dead = (JSON.parse(bus.sent.filter((each) => each.includes('beat')).at(-1)!) as [string])[0];
    expect(dies.cache.enabled).toBe(true);
    bus.lose((message) => message.includes(dead));
    await clock.advance(5_000);
    expect(gaps).toEqual([{ bus: 'model bus', reason: 'silence' }]);
  });

  test('of another version, whose messages are not understood, are taken for a change', async () => {
    const mine = await open();
    const gaps = heard(mine.cache, 'busGap');
    const strange = bus.channel().open({
      namespace: 'cache',
      clock,
      receive: () => undefined,
      connected: () => undefined,
      disconnected: () => undefined,
      report: () => undefined,
    });
    await settled();
    await strange.publish('{"v":2}');
    await settled();
    expect(gaps).toEqual([{ bus: 'model bus', reason: 'gap' }]);
  });
});

test('a record of tags that was lost, which nobody announces, is noticed within a beat', async () => {
  const mine = await open();
  await mine.cache.invalidateTags('other');
  await mine.users.get('7');
  await settled();
  model.loseTags();
  await mine.users.get('7');
  await clock.advance(250);
  expect(mine.users.peekLocal('7')).toBeUndefined();
});

test('nothing is left after close', async () => {
  const mine = await open();
  await mine.users.get('7');
  await mine.cache.close();
  expect(clock.timers).toBe(0);
});

test.each<[string, CacheOptions]>([
  ['memory alone', { tiers: [memoryStore()] }],
  ['no staleness at all', { maxLocalStaleness: 0 }],
])('a bus over %s is refused', (_name, options) => {
  const tiers = [memoryStore(), model.store()];
  expect(() => cacheOn(clock, { tiers, bus: bus.bus(), ...options })).toThrow(/createCache: (bus|maxLocalStaleness)/);
});

describe('a bus on which the store tells of every change, be it of the process itself', () => {
  /** A process to which the store replies of one operation when the test says so, and who tells it of changes. */
  const tracking = async (held: 'commit' | 'read') => {
    let reply = (): Promise<void> => Promise.resolve();
    const answered = deferred();
    const hold = (): void => void (reply = () => answered.promise);
    let told!: BusContext;
    const itself: Bus = {
      name: 'tracking',
      tells: 'stored',
      open: (context) => {
        told = context;
        context.listening();
        return {
          announce: () => undefined,
          announceTags: () => undefined,
          reset: () => undefined,
          close: async () => undefined,
        };
      },
    };
    const store = model.store((what) => (what === `reply ${held}` ? reply() : Promise.resolve()));
    const mine = await open({ tiers: [memoryStore(), store], bus: itself });
    return { mine, told, hold, answered };
  };

  test('a write that another process follows is not kept, though its reply comes after word of both', async () => {
    const { mine, told, hold, answered } = await tracking('commit');
    const other = await open();
    told.heard(clock.elapsed());
    for (const { carts } of [mine, other]) expect(await carts.get('7')).toBe('old');
    hold();
    const writing = mine.carts.set('7', 'mine');
    await settled();
    await other.carts.set('7', 'theirs');
    told.touched(['cart:7']);
    answered.resolve();
    await writing;
    expect(mine.carts.peekLocal('7')).toBeUndefined();
    expect(await mine.carts.get('7')).toBe('theirs');
  });

  test('what may have been missed before the bus was heard costs no more than maxLocalStaleness', async () => {
    const { mine, told, hold, answered } = await tracking('read');
    const other = await open();
    await other.carts.get('7');
    const listening = clock.elapsed();
    hold();
    const reading = mine.carts.get('7');
    await clock.advance(10);
    await other.carts.set('7', 'new');
    told.missed('gap');
    for (const since of [listening, clock.elapsed()]) told.heard(since);
    answered.resolve();
    expect(await reading).toBe('old');
    await clock.advance(990);
    expect(await mine.carts.get('7')).toBe('new');
  });
});
