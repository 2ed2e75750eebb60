import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Cache, type CacheEvents, createCache } from '@cache/core';
import { ManualClock } from '@cache/core/testing';
import { Cached, cacheOf, CacheResource } from '../../src/index.ts';
import { deadStore } from '../support/dead-store.ts';
import { deferred } from '../support/deferred.ts';

interface User {
  readonly id: string;
  readonly org: string;
}

let clock: ManualClock;
let cache: Cache;
let load: jest.Mock<(id: string) => Promise<User | null | undefined>>;

beforeEach(() => {
  clock = new ManualClock();
  cache = createCache({ clock, random: () => 0 });
  load = jest.fn((id: string) => Promise.resolve({ id, org: `org of ${id}` }));
});

@CacheResource({ name: 'user', cache: () => cache, ttl: '10m' })
class Users {
  readonly prefix: string;

  constructor(prefix = '') {
    this.prefix = prefix;
  }

  @Cached({ key: (id: string) => id, negativeTtl: '30s', tags: (user: User | null, id) => [user?.org ?? `no ${id}`] })
  async findById(id: string): Promise<User | null | undefined> {
    return load(this.prefix + id);
  }

  @Cached({ name: 'user.byArguments' })
  async search(query: { name?: string; page?: number }, limit?: number): Promise<unknown> {
    return load(JSON.stringify([query, limit]));
  }

  @Cached({
    name: 'user.conditional',
    key: (id: string, _fresh?: boolean) => id,
    when: (_id, fresh) => fresh !== true,
    unless: (user: User | null, id) => user?.id === 'secret' || id === 'never',
  })
  async conditional(id: string, _fresh?: boolean): Promise<User | null> {
    return (await load(id)) ?? null;
  }
}

describe('@Cached', () => {
  test('calls the method once for a key, and gives the value again', async () => {
    const users = new Users();
    const first = await users.findById('1');
    expect(first).toEqual({ id: '1', org: 'org of 1' });
    expect(await users.findById('1')).toEqual(first);
    expect(load).toHaveBeenCalledTimes(1);
  });

  test('lets concurrent calls share one run', async () => {
    const users = new Users();
    const answer = deferred<User>();
    load.mockReturnValue(answer.promise);
    const calls = [users.findById('1'), users.findById('1'), users.findById('1')];
    answer.resolve({ id: '1', org: 'a' });
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 3 }, () => ({ id: '1', org: 'a' })));
    expect(load).toHaveBeenCalledTimes(1);
  });

  test('runs the method on the object that was called, and shares what it gave with all others', async () => {
    expect(await new Users('x').findById('1')).toMatchObject({ id: 'x1' });
    expect(await new Users('y').findById('2')).toMatchObject({ id: 'y2' });
    expect(await new Users('y').findById('1')).toMatchObject({ id: 'x1' });
  });

  test('takes the ttl of the class, and its own negativeTtl', async () => {
    const users = new Users();
    await users.findById('1');
    load.mockResolvedValue(null);
    await users.findById('2');
    await clock.advance(29_000);
    expect(await users.findById('2')).toBeNull();
    expect(load).toHaveBeenCalledTimes(2);
    await clock.advance(2_000);
    await users.findById('2');
    expect(load).toHaveBeenCalledTimes(3);
    await clock.advance(560_000);
    await users.findById('1');
    expect(load).toHaveBeenCalledTimes(3);
    await clock.advance(10_000);
    await users.findById('1');
    expect(load).toHaveBeenCalledTimes(4);
  });

  test('gives undefined to the caller and caches nothing', async () => {
    load.mockResolvedValue(undefined);
    expect(await new Users().findById('1')).toBeUndefined();
    expect(await new Users().findById('1')).toBeUndefined();
    expect(load).toHaveBeenCalledTimes(2);
  });

  test('rejects with the error of the method, for all who wait, and runs it again next time', async () => {
    const users = new Users();
    const error = new Error('no database');
    load.mockRejectedValueOnce(error);
    const calls = await Promise.allSettled([users.findById('1'), users.findById('1')]);
    expect(calls).toEqual([
      { status: 'rejected', reason: error },
      { status: 'rejected', reason: error },
    ]);
    expect(await users.findById('1')).toMatchObject({ id: '1' });
    expect(load).toHaveBeenCalledTimes(2);
  });

  test('is invalidated by the tags of value and arguments, of null too', async () => {
    const users = new Users();
    await users.findById('1');
    await cache.invalidateTags('org of 1');
    await users.findById('1');
    expect(load).toHaveBeenCalledTimes(2);
    load.mockResolvedValue(null);
    await users.findById('2');
    await cache.invalidateTags('no 2');
    await users.findById('2');
    expect(load).toHaveBeenCalledTimes(4);
  });

  test('without `key` takes all arguments, by value and with their types', async () => {
    const users = new Users();
    await users.search({ name: 'Ann', page: 1 });
    await users.search({ page: 1, name: 'Ann' });
    await users.search({ page: 1, name: 'Ann' }, undefined);
    expect(load).toHaveBeenCalledTimes(1);
    await users.search({ page: 1, name: 'Ann' }, 1);
    await users.search({ page: '1' as unknown as number, name: 'Ann' }, 1);
    expect(load).toHaveBeenCalledTimes(3);
  });

  test('without `key` rejects arguments of which no key can be made', async () => {
    class Filter {}
    await expect(new Users().search(new Filter())).rejects.toMatchObject({
      code: 'INVALID_KEY',
      message: expect.stringMatching(/instance of Filter.*give `key`/),
    });
    expect(load).not.toHaveBeenCalled();
  });

  test('does not even look where `when` gives false', async () => {
    const users = new Users();
    await users.conditional('1');
    await users.conditional('1', true);
    await users.conditional('1', true);
    expect(load).toHaveBeenCalledTimes(3);
    await users.conditional('1');
    expect(load).toHaveBeenCalledTimes(3);
  });

  test('does not keep where `unless` gives true, by value or arguments', async () => {
    const users = new Users();
    for (const id of ['secret', 'secret', 'never', 'never', '1', '1']) await users.conditional(id);
    expect(load.mock.calls.flat()).toEqual(['secret', 'secret', 'never', 'never', '1']);
  });

  test('never fails because a store does', async () => {
    cache = createCache({ tiers: [deadStore()], clock });
    const users = new Users();
    expect(await users.findById('1')).toMatchObject({ id: '1' });
    expect(await users.findById('1')).toMatchObject({ id: '1' });
    expect(load).toHaveBeenCalledTimes(2);
    expect(await cacheOf(users, 'findById').evict('1')).toBe('pending');
  });

  test('rejects once the cache is closed', async () => {
    const users = new Users();
    await users.findById('1');
    await cache.close();
    await expect(users.findById('2')).rejects.toMatchObject({ code: 'CLOSED' });
  });

  test('cannot be fooled by callers who change what they were given', async () => {
    const users = new Users();
    await users.findById('1');
    const hit = await users.findById('1');
    expect(() => Object.assign(hit!, { org: 'mine' })).toThrow(TypeError);
    expect(await users.findById('1')).toMatchObject({ org: 'org of 1' });
  });

  test('without `type` gives class instances to the caller, and tells that they are not cached', async () => {
    class Account {
      readonly id = '1';
    }
    class Accounts {
      readonly cache = cache;

      @Cached({ name: 'account' })
      async find(): Promise<Account> {
        await load('account');
        return new Account();
      }
    }
    const told: CacheEvents['unstorable'][] = [];
    cache.on('unstorable', (event) => told.push(event));
    const warning = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const accounts = new Accounts();
    expect(await accounts.find()).toBeInstanceOf(Account);
    expect(await accounts.find()).toBeInstanceOf(Account);
    expect(load).toHaveBeenCalledTimes(2);
    expect(told.map(({ resource }) => resource)).toEqual(['account', 'account']);
    expect(warning).toHaveBeenCalledTimes(1);
    warning.mockRestore();
  });
});
