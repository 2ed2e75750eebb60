import { AsyncLocalStorage } from 'node:async_hooks';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Cache, cacheAside, createCache, memoryLedger, writeBehind, writeThrough } from '@cache/core';
import { ManualClock } from '@cache/core/testing';
import { Cached, cacheOf, CacheResource, Evicts, Updates } from '../../src/index.ts';
import { type Deferred, deferred } from '../support/deferred.ts';

interface Cart {
  readonly items: readonly string[];
}

const tenants = new AsyncLocalStorage<string>();

let clock: ManualClock;
let cache: Cache;
let rows: Map<string, unknown>;
/** What reached the source, in its order. */
let written: string[];
let failing: boolean;

beforeEach(() => {
  clock = new ManualClock();
  cache = createCache({ clock, random: () => 0.5 });
  rows = new Map();
  written = [];
  failing = false;
});

async function save(key: string, value: unknown, by = 'the method'): Promise<void> {
  if (failing) throw new Error('source is down');
  rows.set(key, value);
  written.push(`${key} by ${by}`);
}

describe('a @Cached method with writeThrough', () => {
  @CacheResource({ name: 'cart', cache: () => cache })
  class Carts {
    readonly name: string;
    runs = 0;

    constructor(name = 'carts') {
      this.name = name;
    }

    @Cached({
      key: (id: string) => id,
      strategy: ({ load, save }) => writeThrough({ load, save }),
      tags: (cart: Cart | null) => cart?.items ?? [],
    })
    async find(id: string): Promise<Cart | null> {
      this.runs += 1;
      return (rows.get(id) as Cart | undefined) ?? null;
    }

    @Updates({
      value: (_id: string, cart: Cart) => cart,
      keyBefore: (id) => id,
      tags: (cart: Cart) => cart.items,
    })
    async save(id: string, cart: Cart, answer?: Promise<unknown>): Promise<Cart> {
      await answer;
      await save(id, cart, this.name);
      return cart;
    }

    @Updates({ key: (_cart: Cart, id: string) => id, tags: [] })
    async late(id: string, cart: Cart): Promise<Cart> {
      await save(id, cart);
      return cart;
    }

    @Evicts({ key: (id: string) => id })
    async remove(id: string): Promise<void> {
      rows.delete(id);
    }
  }

  test('is its loader', async () => {
    rows.set('1', { items: ['tea'] });
    const carts = new Carts();
    expect([await carts.find('1'), await carts.find('1')]).toEqual([{ items: ['tea'] }, { items: ['tea'] }]);
    expect(carts.runs).toBe(1);
  });

  test('has in that of @Updates its write: on its object, with its arguments, before it is cached', async () => {
    const carts = new Carts('mine');
    expect(await carts.save('1', { items: ['tea'] })).toEqual({ items: ['tea'] });
    expect(written).toEqual(['1 by mine']);
    expect(await new Carts('other').find('1')).toEqual({ items: ['tea'] });
    expect(carts.runs).toBe(0);
  });

  test('keeps writes that overlap apart, and the key empty after them', async () => {
    const slow = deferred<unknown>();
    const carts = new Carts();
    const first = carts.save('1', { items: ['first'] }, slow.promise);
    const second = carts.save('1', { items: ['second'] });
    expect(await second).toEqual({ items: ['second'] });
    slow.resolve(undefined);
    expect(await first).toEqual({ items: ['first'] });
    expect(await cacheOf(carts, 'find').peek('1')).toEqual({ hit: false });
    expect(rows.get('1')).toEqual({ items: ['first'] });
  });

  test('rejects with what the write threw, and leaves the key empty', async () => {
    const carts = new Carts();
    await carts.find('1');
    failing = true;
    await expect(carts.save('1', { items: [] })).rejects.toThrow('source is down');
    expect(await cacheOf(carts, 'find').peek('1')).toEqual({ hit: false });
  });

  test('caches what is written with its tags', async () => {
    const carts = new Carts();
    await carts.save('1', { items: ['tea'] });
    await cache.invalidateTags('tea');
    expect(await cacheOf(carts, 'find').peek('1')).toEqual({ hit: false });
  });

  test('is evicted around a method that changes the source', async () => {
    const carts = new Carts();
    await carts.save('1', { items: ['tea'] });
    await carts.remove('1');
    expect(await carts.find('1')).toBeNull();
  });

  test('has to be told key and value before the method runs', async () => {
    await expect(new Carts().late('1', { items: [] })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringMatching(/@Updates late\(\) writes by the strategy of 'cart'.*value: .*keyBefore: /),
    });
    expect(written).toEqual([]);
  });
});

describe('a @Cached method with writeBehind', () => {
  @CacheResource({ name: 'views', cache: () => cache })
  class Views {
    answer: Deferred<unknown> | undefined;

    @Cached({
      key: (page: string) => page,
      strategy: ({ load, saveMany }) => writeBehind({ load, saveMany, ledger: memoryLedger(), flush: { after: '2s' } }),
    })
    async count(page: string): Promise<number> {
      return (rows.get(page) as number | undefined) ?? 0;
    }

    @Updates({ value: (_page: string, count: number) => count, keyBefore: (page) => page })
    async record(page: string, count: number): Promise<void> {
      await this.answer?.promise;
      await save(page, count, tenants.getStore());
    }

    @Evicts({ key: (page: string) => page })
    async remove(page: string): Promise<void> {
      rows.delete(page);
    }

    @Evicts({ all: true })
    async removeAll(): Promise<void> {
      rows.clear();
    }
  }

  let views: Views;

  beforeEach(() => {
    views = new Views();
  });

  test('gives what was written at once, and writes the newest of each key later', async () => {
    for (const count of [1, 2, 3]) await views.record('/home', count);
    await views.record('/about', 1);
    expect([await views.count('/home'), written]).toEqual([3, []]);
    await clock.advance(2_001);
    expect(written).toEqual(['/home by the method', '/about by the method']);
    expect([...rows]).toEqual([
      ['/home', 3],
      ['/about', 1],
    ]);
  });

  test('is written once by an override that calls super, and never goes back to an older value', async () => {
    class Loud extends Views {
      slow: Promise<unknown> | undefined;

      @Updates({ value: (_page: string, count: number) => count, keyBefore: (page) => page })
      override async record(page: string, count: number): Promise<void> {
        await this.slow;
        await super.record(page, count);
      }
    }
    const loud = new Loud();
    const slow = deferred<undefined>();
    loud.slow = slow.promise;
    await loud.record('/home', 3);
    await clock.advance(2_001);
    await loud.record('/home', 4);
    slow.resolve(undefined);
    loud.slow = undefined;
    await clock.advance(60_000);
    expect([await loud.count('/home'), rows.get('/home'), written.length]).toEqual([4, 4, 2]);
  });

  test('writes in the async context of the call', async () => {
    await tenants.run('acme', () => views.record('/home', 1));
    await clock.advance(2_001);
    expect(written).toEqual(['/home by acme']);
  });

  test('writes again what failed, and what was written meanwhile', async () => {
    failing = true;
    await views.record('/home', 1);
    await clock.advance(2_001);
    failing = false;
    await views.record('/home', 2);
    await clock.advance(60_000);
    expect(rows.get('/home')).toBe(2);
    const slow = (views.answer = deferred<unknown>());
    await views.record('/home', 3);
    await clock.advance(2_001);
    await views.record('/home', 4);
    views.answer = undefined;
    slow.resolve(undefined);
    await clock.advance(4_001);
    expect(rows.get('/home')).toBe(4);
  });

  test('brings the rest to the source when the cache closes, whoever calls it meanwhile', async () => {
    await views.record('/home', 1);
    const closing = cache.close();
    const late = await Promise.allSettled([views.record('/home', 2), views.record('/home', 3)]);
    expect(late.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await closing).toEqual({ unwritten: 0 });
    expect(rows.get('/home')).toBe(1);
  });

  test.each<[string, (views: Views) => Promise<void>]>([
    ['key', (views) => views.remove('/home')],
    ['resource', (views) => views.removeAll()],
  ])('has written what it put off before @Evicts of the %s changes the source', async (_what, remove) => {
    await views.record('/home', 1);
    await remove(views);
    await clock.advance(10_000);
    expect([written, rows.size]).toEqual([['/home by the method'], 0]);
    expect(await views.count('/home')).toBe(0);
  });

  test('may be saved in batches by a function of the user', async () => {
    const batches: unknown[] = [];
    @CacheResource({ name: 'batched', cache: () => cache })
    class Batched {
      @Cached({
        key: (page: string) => page,
        strategy: ({ load }) =>
          writeBehind<string, number>({
            load,
            saveMany: async (items) => batches.push(items.map(({ key, value }) => [key, value])),
            ledger: memoryLedger(),
          }),
      })
      async count(_page: string): Promise<number> {
        return 0;
      }

      @Updates({ value: (_page: string, count: number) => count, keyBefore: (page) => page })
      async record(page: string, count: number): Promise<void> {
        await save(page, count);
      }
    }
    const batched = new Batched();
    await batched.record('/home', 1);
    await batched.record('/about', 2);
    await clock.advance(2_001);
    expect([batches, written]).toEqual([
      [
        [
          ['/home', 1],
          ['/about', 2],
        ],
      ],
      [],
    ]);
  });
});

describe('a strategy that saves out of turn', () => {
  test('is told that no call is known of what it saves', async () => {
    const errors: unknown[] = [];
    cache.on('flushError', ({ error }) => errors.push(error));
    class Views {
      readonly cache = cache;

      @Cached({
        name: 'views',
        key: (page: string) => page,
        strategy: ({ load, save }) =>
          writeBehind<string, number>({
            load,
            saveMany: (items) => Promise.all(items.map(({ key, value }) => save(key, value))),
            ledger: memoryLedger(),
          }),
      })
      async count(_page: string): Promise<number> {
        return 0;
      }
    }
    let strategy: { set(page: string, count: number): Promise<void> };
    class Written extends Views {
      @Cached({
        name: 'written',
        key: (page: string) => page,
        strategy: ({ load, saveMany }) => {
          const made = writeBehind<string, number>({ load, saveMany, ledger: memoryLedger() });
          return { open: (context) => (strategy = made.open(context)) };
        },
      })
      async written(_page: string): Promise<number> {
        return 0;
      }

      @Updates({ name: 'views', value: (_page: string, count: number) => count, keyBefore: (page) => page })
      async record(page: string, count: number): Promise<void> {
        await save(page, count);
      }
    }
    const views = new Written();
    await views.record('/home', 1);
    await views.written('/home');
    await strategy!.set('/about', 1);
    await clock.advance(2_001);
    const sentence = (resource: string, what: string) =>
      expect.stringMatching(`resource '${resource}': ${what} is of no call of this process; give .*saveMany: `);
    expect(errors).toEqual([
      expect.objectContaining({ message: sentence('views', 'a write') }),
      expect.objectContaining({ message: sentence('written', "the write of '/about'") }),
    ]);
    expect(written).toEqual([]);
  });
});

describe('a @Cached method with cacheAside', () => {
  test('behaves as without a strategy', async () => {
    class Users {
      readonly cache = cache;
      runs = 0;

      @Cached({ name: 'user', key: (id: string) => id, strategy: ({ load }) => cacheAside({ load, tags: ['users'] }) })
      async find(id: string): Promise<string> {
        this.runs += 1;
        return id;
      }

      @Updates({ name: 'user', value: (_id: string, name: string) => name, keyBefore: (id) => id })
      async rename(id: string, name: string): Promise<void> {
        await save(id, name);
      }
    }
    const users = new Users();
    expect([await users.find('1'), await users.find('1'), users.runs]).toEqual(['1', '1', 1]);
    await users.rename('1', 'Ann');
    expect([await users.find('1'), users.runs]).toEqual(['Ann', 1]);
    await cache.invalidateTags('users');
    expect([await users.find('1'), users.runs]).toEqual(['1', 2]);
  });

  test('is told where its strategy is none', async () => {
    class Users {
      readonly cache = cache;

      @Cached({ name: 'user', strategy: () => ({ open: () => 1 }) })
      async find(): Promise<string> {
        return '1';
      }

      @Cached({ name: 'user.none', strategy: () => undefined as never })
      async findNone(): Promise<string> {
        return '1';
      }
    }
    await expect(new Users().find()).rejects.toThrow(/has a `strategy` that opens none/);
    await expect(new Users().findNone()).rejects.toThrow(/strategy must be a strategy, such as writeThrough/);
  });
});
