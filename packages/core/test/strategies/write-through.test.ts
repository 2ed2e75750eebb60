import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Cache, writeThrough } from '@cache/core';
import { ManualClock, SharedStoreModel } from '@cache/core/testing';
import { deferred } from '../support/deferred.ts';
import { rejectionOf, thrownBy } from '../support/failure.ts';
import { cacheOn } from '../support/memory-cache.ts';

interface Cart {
  items: string[];
}

let clock: ManualClock;
let cache: Cache;
let db: Map<string, Cart>;
let load: jest.Mock<(id: string) => Promise<Cart | null>>;
let save: jest.Mock<(id: string, cart: Cart | null) => Promise<unknown>>;

beforeEach(() => {
  clock = new ManualClock();
  cache = cacheOn(clock);
  db = new Map();
  load = jest.fn(async (id: string) => structuredClone(db.get(id) ?? null));
  save = jest.fn(async (id: string, cart: Cart | null) => db.set(id, structuredClone(cart!)));
});

const carts = () =>
  cache.resource(
    'cart',
    writeThrough<string, Cart | null>({ load, save, remove: async (id) => db.delete(id), ttl: '10s' }),
  );

describe('set', () => {
  test('resolves once the source has the value, and reads are then answered without it', async () => {
    const saving = deferred();
    save.mockImplementationOnce(async (id, cart) => {
      await saving.promise;
      db.set(id, cart!);
    });
    const resource = carts();
    const settled = jest.fn();
    const done = resource.set('7', { items: ['a'] }).then(settled);
    await clock.advance(0);
    expect(settled).not.toHaveBeenCalled();
    expect((await resource.peek('7')).hit).toBe(false);
    saving.resolve();
    await done;
    expect(db.get('7')).toEqual({ items: ['a'] });
    expect(await resource.get('7')).toEqual({ items: ['a'] });
    expect(load).not.toHaveBeenCalled();
  });

  test('takes a copy: what the caller does to his object, and the saver to its, changes nothing', async () => {
    save.mockImplementationOnce(async (id, cart) => {
      db.set(id, structuredClone(cart!));
      cart!.items.push('by the saver');
    });
    const resource = carts();
    const cart: Cart = { items: ['a'] };
    const done = resource.set('7', cart);
    cart.items.push('while it is saved');
    await done;
    cart.items.push('after');
    expect(db.get('7')).toEqual({ items: ['a'] });
    expect(await resource.get('7')).toEqual({ items: ['a'] });
  });

  test('that fails rejects with the error of the source, and leaves nothing', async () => {
    const resource = carts();
    await resource.set('7', { items: ['old'] });
    const error = new Error('constraint');
    save.mockRejectedValueOnce(error);
    await expect(resource.set('7', { items: ['new'] })).rejects.toBe(error);
    expect((await resource.peek('7')).hit).toBe(false);
    expect(await resource.get('7')).toEqual({ items: ['old'] });
  });

  test('that throws at once rejects all the same', async () => {
    save.mockImplementationOnce(() => {
      throw new Error('at once');
    });
    await expect(carts().set('7', { items: [] })).rejects.toThrow('at once');
  });

  test('that overlaps with another leaves nothing: only the source knows which came last', async () => {
    const [first, second] = [deferred(), deferred()];
    save.mockReturnValueOnce(first.promise).mockReturnValueOnce(second.promise);
    const resource = carts();
    const writes = [resource.set('7', { items: ['first'] }), resource.set('7', { items: ['second'] })];
    second.resolve();
    await writes[1];
    expect((await resource.peek('7')).hit).toBe(false);
    first.resolve();
    await writes[0];
    expect((await resource.peek('7')).hit).toBe(false);
    await resource.set('7', { items: ['third'] });
    expect(await resource.peek('7')).toMatchObject({ hit: true, value: { items: ['third'] } });
  });

  test.each([
    ['evict', (resource: ReturnType<typeof carts>) => resource.evict('7')],
    ['clear', (resource: ReturnType<typeof carts>) => resource.clear()],
    ['clear of all', () => cache.clear()],
  ])('is not kept when an %s comes while it is saved', async (_name, forget) => {
    const saving = deferred();
    save.mockReturnValueOnce(saving.promise);
    const resource = carts();
    const done = resource.set('7', { items: ['a'] });
    await forget(resource);
    saving.resolve();
    await done;
    expect((await resource.peek('7')).hit).toBe(false);
  });

  test('is kept as long as its ttl', async () => {
    const resource = carts();
    await resource.set('7', { items: [] });
    await clock.advance(9_999);
    expect((await resource.peek('7')).hit).toBe(true);
    await clock.advance(1);
    expect((await resource.peek('7')).hit).toBe(false);
  });

  test('of null is a value, of undefined is refused before anything is saved', async () => {
    const resource = carts();
    await resource.set('7', null);
    expect(await resource.peek('7')).toMatchObject({ hit: true, value: null });
    save.mockClear();
    expect((await rejectionOf(resource.set('7', undefined as unknown as Cart))).code).toBe('UNDEFINED_VALUE');
    expect((await rejectionOf(resource.set('', { items: [] }))).code).toBe('INVALID_KEY');
    expect(save).not.toHaveBeenCalled();
  });

  test.each([
    ['reaches the source and all tiers before it is closed', 9_999, true],
    ['reaches the source alone where it takes too long', 10_000, false],
  ])('that is under way when the cache closes %s, and a read after it is refused', async (_what, ms, isCached) => {
    const saving = deferred();
    const model = new SharedStoreModel(clock);
    const [mine, other] = [model, model].map((each) => cacheOn(clock, { tiers: [each.store()] }));
    const strategy = writeThrough<string, string>({ load: async () => 'old', save: () => saving.promise, ttl: '1h' });
    const [resource, others] = [mine!.resource('cart', strategy), other!.resource('cart', strategy)];
    for (const each of [resource, others]) await each.get('7');
    const done = resource.set('7', 'new');
    await clock.advance(0);
    const closing = mine!.close();
    await clock.advance(ms);
    saving.resolve();
    await done;
    await closing;
    expect((await others.peek('7')).hit).toBe(isCached);
    expect((await rejectionOf(resource.get('7'))).code).toBe('CLOSED');
  });
});

describe('remove', () => {
  test('removes from the source and from the cache', async () => {
    const resource = carts();
    await resource.set('7', { items: [] });
    await resource.remove('7');
    expect(db.has('7')).toBe(false);
    expect(await resource.get('7')).toBeNull();
  });

  test('that fails rejects with the error of the source, and leaves nothing', async () => {
    const error = new Error('locked');
    const strategy = writeThrough<string, Cart | null>({ load, save, remove: () => Promise.reject(error) });
    const resource = cache.resource('cart', strategy);
    await resource.set('7', { items: [] });
    await expect(resource.remove('7')).rejects.toBe(error);
    expect((await resource.peek('7')).hit).toBe(false);
  });

  test('is refused where the resource has none, with what to give', async () => {
    const resource = cache.resource('cart', writeThrough<string, Cart | null>({ load, save }));
    const error = await rejectionOf(resource.remove('7'));
    expect(error.code).toBe('INVALID_OPTION');
    expect(error.message).toContain('writeThrough({ remove: (id) => … })');
  });
});

test.each([
  [{ load: () => 1 }, 'INVALID_OPTION', 'writeThrough: save is missing; write save: (id, cart)'],
  [{ save: async () => 1 }, 'INVALID_OPTION', 'needs `load`'],
  [{ load: () => 1, save: 'INSERT' }, 'INVALID_OPTION', 'writeThrough: save must be a function'],
  [{ load: () => 1, save: async () => 1, safe: async () => 1 }, 'UNKNOWN_OPTION', "did you mean 'save'?"],
  [{ load: () => 1, save: async () => 1, remove: true }, 'INVALID_OPTION', 'writeThrough: remove must be a function'],
])('options %p are refused at once with %s', (options, code, sentence) => {
  const error = thrownBy(() => writeThrough(options as unknown as { load: () => string; save: () => Promise<void> }));
  expect(error.code).toBe(code);
  expect(error.message).toContain(sentence);
});

describe('setMany', () => {
  const saveMany = jest.fn(async (items: readonly { key: string; value: Cart | null }[]): Promise<unknown> => {
    for (const { key, value } of items) db.set(key, structuredClone(value!));
    return undefined;
  });
  const many = () => cache.resource('cart', writeThrough<string, Cart | null>({ load, save, saveMany }));
  beforeEach(() => {
    saveMany.mockClear();
  });

  test('saves all by one call, of a key that comes twice the last value, and then caches them', async () => {
    const resource = many();
    await resource.setMany([['1', { items: ['a'] }], ['2', { items: ['b'] }], ['1', { items: ['c'] }]]); // prettier-ignore
    expect(saveMany).toHaveBeenCalledTimes(1);
    expect([db.get('1'), db.get('2'), save.mock.calls]).toEqual([{ items: ['c'] }, { items: ['b'] }, []]);
    expect(await resource.getMany(['1', '2'])).toEqual([{ items: ['c'] }, { items: ['b'] }]);
    expect(load).not.toHaveBeenCalled();
  });

  test('that fails rejects with the error of the source, and leaves nothing', async () => {
    const error = new Error('down');
    saveMany.mockRejectedValueOnce(error);
    const resource = many();
    await expect(resource.setMany([['1', { items: [] }], ['2', { items: [] }]])).rejects.toBe(error); // prettier-ignore
    expect([(await resource.peek('1')).hit, (await resource.peek('2')).hit]).toEqual([false, false]);
  });

  test('saves each where the resource has no way to save many, and keeps those that were', async () => {
    const resource = carts();
    const error = new Error('down');
    save.mockRejectedValueOnce(error);
    await expect(resource.setMany(new Map([['1', { items: ['a'] }], ['2', { items: ['b'] }]]))).rejects.toBe(error); // prettier-ignore
    expect([(await resource.peek('1')).hit, (await resource.peek('2')).hit]).toEqual([false, true]);
  });

  test('of nothing does nothing, and refuses bad keys before anything is saved', async () => {
    await many().setMany([]);
    const error = await rejectionOf(cache.resource('other', writeThrough<string, Cart>({ load: load as never, save, saveMany })).setMany([['1', { items: [] }], ['', { items: [] }]])); // prettier-ignore
    expect([error.code, saveMany.mock.calls]).toEqual(['INVALID_KEY', []]);
  });
});

describe('compareAndSet', () => {
  test('saves and caches while the source has what is expected, and rejects and empties the key if not', async () => {
    let version = 1;
    const resource = cache.resource(
      'cart',
      writeThrough<string, Cart | null>({
        load,
        save: async (id, cart, { expected }) => {
          if (expected !== version) return false;
          version += 1;
          return save(id, cart);
        },
      }),
    );
    await resource.compareAndSet('7', { items: ['a'] }, 1);
    expect((await resource.peek('7')).hit).toBe(true);
    expect((await rejectionOf(resource.compareAndSet('7', { items: ['b'] }, 1))).code).toBe('CONFLICT');
    expect([(await resource.peek('7')).hit, await resource.get('7')]).toEqual([false, { items: ['a'] }]);
  });
});
