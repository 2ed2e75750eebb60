import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Cache, createCache } from '@cache/core';
import { Cached, cacheOf, CacheResource, Evicts, Updates } from '../../src/index.ts';
import { deadStore } from '../support/dead-store.ts';
import { type Deferred, deferred } from '../support/deferred.ts';

interface User {
  readonly id: string;
  readonly name: string;
}

let cache: Cache;
let rows: Map<string, User>;
let loads: number;
let users: Users;

beforeEach(() => {
  cache = createCache();
  rows = new Map([['1', { id: '1', name: 'Ann' }]]);
  loads = 0;
  users = new Users();
});

@CacheResource({ name: 'user', cache: () => cache })
class Users {
  @Cached({ key: (id: string) => id })
  async findById(id: string): Promise<User | null> {
    loads += 1;
    return rows.get(id) ?? null;
  }

  @Updates({ key: (user: User) => user.id })
  async save(user: User, answer?: Promise<unknown>): Promise<User> {
    rows.set(user.id, user);
    await answer;
    return user;
  }

  @Updates({ key: (user: User) => user.id })
  @Updates({ key: (_user: User, _given: User, name: string) => name })
  async alias(user: User, name: string): Promise<User> {
    rows.set(user.id, user);
    rows.set(name, user);
    return user;
  }

  @Updates({ keyBefore: (id: string) => id })
  async rename(id: string, name: string, answer?: Promise<unknown>): Promise<User | null | undefined> {
    if (name === '') return undefined;
    const user = { id, name };
    rows.set(id, user);
    await answer;
    if (name === 'nobody') return null;
    if (name === 'broken') throw new Error('constraint violated');
    return user;
  }

  @Updates({ key: (user: User | undefined) => user?.id })
  async touch(user: User | undefined): Promise<User | undefined> {
    return user;
  }

  @Updates({ key: (_user: undefined, id: string) => id })
  async lose(id: string): Promise<undefined> {
    rows.delete(id);
  }

  @Updates({ key: (user: User) => user.id })
  async failing(user: User): Promise<User> {
    rows.set(user.id, user);
    throw new Error('half way');
  }

  @Evicts({ key: (id: string) => id })
  async remove(id: string): Promise<void> {
    rows.delete(id);
  }

  @Cached({ name: 'user.byName', key: (name: string) => name, tags: (user: User | null) => [user?.id ?? 'none'] })
  async findByName(name: string): Promise<User | null> {
    loads += 1;
    return [...rows.values()].find((user) => user.name === name) ?? null;
  }

  @Updates({ key: (user: User) => user.id })
  @Updates({ name: 'user.byName', key: (user: User) => user.name, tags: (user: User) => [user.id] })
  async create(user: User): Promise<User> {
    rows.set(user.id, user);
    return user;
  }

  @Updates({ name: 'user.byName', keyBefore: (name: string) => name, tags: (_user: null, name) => [name] })
  async forget(_name: string): Promise<null> {
    return null;
  }

  @Evicts({ tags: ['1'] })
  async audit(): Promise<void> {
    await Promise.resolve();
  }

  @Updates({ name: 'user.byName', key: (user: User) => user.name })
  async untagged(user: User): Promise<User> {
    rows.set(user.id, user);
    return user;
  }
}

describe('@Updates with `key`', () => {
  test('caches the result under the key of the result', async () => {
    expect(await users.save({ id: '1', name: 'Bea' })).toEqual({ id: '1', name: 'Bea' });
    expect(await users.findById('1')).toEqual({ id: '1', name: 'Bea' });
    expect(loads).toBe(0);
  });

  test('replaces what was cached before', async () => {
    await users.findById('1');
    await users.save({ id: '1', name: 'Bea' });
    expect(await users.findById('1')).toMatchObject({ name: 'Bea' });
    expect(loads).toBe(1);
  });

  test('keeps a copy that the caller cannot change', async () => {
    const saved = await users.save({ id: '1', name: 'Bea' });
    Object.assign(saved, { name: 'changed' });
    expect(await users.findById('1')).toMatchObject({ name: 'Bea' });
  });

  test('caches nothing where the key function gives undefined', async () => {
    await users.touch(undefined);
    await users.touch({ id: '2', name: 'Cid' });
    expect(await cacheOf(users, 'findById').peek('2')).toMatchObject({ hit: true });
  });

  test('evicts where the result is undefined', async () => {
    await users.findById('1');
    await users.lose('1');
    expect(await users.findById('1')).toBeNull();
  });

  test('rejects with the error of the method, and caches nothing', async () => {
    await expect(users.failing({ id: '1', name: 'Bea' })).rejects.toThrow('half way');
    expect(await cacheOf(users, 'findById').peek('1')).toEqual({ hit: false });
  });

  describe('while another method changes the same key', () => {
    let slow: Deferred<undefined>;
    let save: Promise<User>;

    beforeEach(() => {
      slow = deferred();
      save = users.save({ id: '1', name: 'old' }, slow.promise);
    });

    test.each<[string, () => Promise<unknown>]>([
      ['an update', () => users.save({ id: '1', name: 'new' })],
      ['an update that knows its key before', () => users.rename('1', 'new')],
    ])('leaves the key empty after %s, so that the source decides', async (_what, change) => {
      await change();
      slow.resolve(undefined);
      await save;
      expect(await cacheOf(users, 'findById').peek('1')).toEqual({ hit: false });
      expect(await users.findById('1')).toMatchObject({ name: 'new' });
    });

    test.each<[string, () => Promise<unknown>]>([
      ['an evicting method', () => users.remove('1')],
      ['an evict', () => cacheOf(users, 'findById').evict('1')],
      ['a clear', () => cacheOf(users, 'findById').clear()],
      ['an invalidation of tags', () => users.audit()],
    ])('does not bring back what %s has removed', async (_what, change) => {
      await change();
      slow.resolve(undefined);
      await save;
      expect(await cacheOf(users, 'findById').peek('1')).toEqual({ hit: false });
    });

    test('is not disturbed by changes of other keys', async () => {
      await users.save({ id: '2', name: 'other' });
      slow.resolve(undefined);
      await save;
      expect(await cacheOf(users, 'findById').peek('1')).toMatchObject({ hit: true });
    });
  });
});

describe('@Updates with `keyBefore`', () => {
  test('caches the result', async () => {
    await users.rename('1', 'Bea');
    expect(await users.findById('1')).toEqual({ id: '1', name: 'Bea' });
    expect(loads).toBe(0);
  });

  test('serves nobody what was before while the method runs, and keeps no read of that time', async () => {
    await users.findById('1');
    const slow = deferred<undefined>();
    const rename = users.rename('1', 'Bea', slow.promise);
    expect(await cacheOf(users, 'findById').peek('1')).toEqual({ hit: false });
    await users.findById('1');
    expect(await cacheOf(users, 'findById').peek('1')).toEqual({ hit: false });
    slow.resolve(undefined);
    await rename;
    expect(await cacheOf(users, 'findById').peek('1')).toMatchObject({ hit: true, value: { name: 'Bea' } });
  });

  test('leaves the key empty after a method that failed', async () => {
    await users.findById('1');
    await expect(users.rename('1', 'broken')).rejects.toThrow('constraint violated');
    expect(await cacheOf(users, 'findById').peek('1')).toEqual({ hit: false });
  });

  test('caches null, and evicts for undefined', async () => {
    await users.rename('1', 'nobody');
    expect(await cacheOf(users, 'findById').peek('1')).toMatchObject({ hit: true, value: null });
    await users.rename('1', '');
    expect(await cacheOf(users, 'findById').peek('1')).toEqual({ hit: false });
  });

  test('leaves the key empty where two overlap', async () => {
    const slow = deferred<undefined>();
    const first = users.rename('1', 'first', slow.promise);
    await users.rename('1', 'second');
    slow.resolve(undefined);
    await first;
    expect(await cacheOf(users, 'findById').peek('1')).toEqual({ hit: false });
  });
});

/** Users with an override that caches under a key of its own, and calls `super`. */
function adminsBy(key: (user: User) => string): Users {
  class Admins extends Users {
    @Updates({ key })
    override async save(user: User): Promise<User> {
      return super.save(user);
    }
  }
  return new Admins();
}

describe('@Updates', () => {
  test('can be put on a method several times, for resources of several names', async () => {
    await users.create({ id: '3', name: 'Dan' });
    await users.findById('3');
    await users.findByName('Dan');
    expect(loads).toBe(0);
  });

  test('can be put on a method several times, for several keys of one resource', async () => {
    await users.findById('1');
    await users.findById('ann');
    await users.alias({ id: '1', name: 'Bea' }, 'ann');
    expect(await users.findById('1')).toMatchObject({ name: 'Bea' });
    expect(await users.findById('ann')).toMatchObject({ name: 'Bea' });
    expect(loads).toBe(2);
  });

  test('caches under the key of an override and under that of the method it calls by super', async () => {
    const admins = adminsBy((user) => user.name);
    await admins.findById('1');
    await admins.save({ id: '1', name: 'Bea' });
    expect(await admins.findById('1')).toMatchObject({ name: 'Bea' });
    expect(await admins.findById('Bea')).toMatchObject({ id: '1' });
    expect(loads).toBe(1);
  });

  test('leaves the key empty where an override is about the same one', async () => {
    const admins = adminsBy((user) => user.id);
    await admins.findById('1');
    await admins.save({ id: '1', name: 'Bea' });
    expect(await admins.findById('1')).toMatchObject({ name: 'Bea' });
    expect(loads).toBe(2);
  });

  test('gives its value the tags it is told', async () => {
    await users.create({ id: '3', name: 'Dan' });
    await cache.invalidateTags('3');
    expect(await cacheOf(users, 'findByName').peek('Dan')).toEqual({ hit: false });
    expect(await cacheOf(users, 'findById').peek('3')).toMatchObject({ hit: true });
  });

  test('evicts for null where it could not give it tags', async () => {
    await users.findByName('Ann');
    await users.forget('Ann');
    expect(await cacheOf(users, 'findByName').peek('Ann')).toEqual({ hit: false });
  });

  test('refuses to cache without tags what @Cached would compute tags for', async () => {
    await expect(users.untagged({ id: '1', name: 'Bea' })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('@Updates untagged() needs `tags`'),
    });
    expect(rows.get('1')).toMatchObject({ name: 'Ann' });
  });

  test('never fails because a store does', async () => {
    cache = createCache({ tiers: [deadStore()] });
    expect(await users.save({ id: '1', name: 'Bea' })).toMatchObject({ name: 'Bea' });
    expect(await users.rename('1', 'Cid')).toMatchObject({ name: 'Cid' });
  });

  test('is told exactly one way to find its key', () => {
    expect(() => Updates({})).toThrow(/needs one of `key`.* and `keyBefore`/);
    expect(() => Updates({ key: () => 1, keyBefore: () => 1 })).toThrow(/needs one of `key`.* and `keyBefore`/);
  });
});
