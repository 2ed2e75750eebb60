import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Cache, createCache } from '@cache/core';
import { Cached, cacheOf, CacheResource, Evicts } from '../../src/index.ts';
import { deadStore } from '../support/dead-store.ts';

let cache: Cache;
let failing: boolean;
let users: Users;
/** What is cached at the moment a changing method runs. */
let seen: boolean[];

beforeEach(async () => {
  cache = createCache();
  failing = false;
  users = new Users();
  seen = [];
  await fill();
});

async function fill(): Promise<void> {
  await users.findById('1');
  await users.findById('2');
}

async function cached(...ids: string[]): Promise<boolean[]> {
  return Promise.all(ids.map(async (id) => (await cacheOf(users, 'findById').peek(id)).hit));
}

async function change(): Promise<string> {
  seen = await cached('1', '2');
  if (failing) throw new Error('constraint violated');
  return 'changed';
}

@CacheResource({ name: 'user', cache: () => cache })
class Users {
  @Cached({ key: (id: string) => id, tags: (_user: unknown, id) => [`user:${id}`] })
  async findById(id: string): Promise<{ id: string }> {
    return { id };
  }

  @Evicts({ key: (id: string) => id })
  async byKey(_id: string): Promise<string> {
    return change();
  }

  @Evicts({ key: (id: string) => id, timing: 'before' })
  async byKeyBefore(_id: string): Promise<string> {
    return change();
  }

  @Evicts({ tags: (id: string) => [`user:${id}`] })
  async byTag(_id: string): Promise<string> {
    return change();
  }

  @Evicts({ tags: ['user:1', 'user:2'], timing: 'before' })
  async byTagBefore(): Promise<string> {
    return change();
  }

  @Evicts({ tags: (id: string) => [`user:${id}`], timing: 'both' })
  async byTagBoth(_id: string): Promise<string> {
    await this.findById('1');
    return change();
  }

  @Evicts({ all: true })
  async all(): Promise<string> {
    return change();
  }

  @Evicts({ tags: ['user:1'] })
  @Evicts({ key: (id: string) => id })
  async several(_id: string): Promise<string> {
    return change();
  }

  @Evicts({ key: () => '', tags: ['user:2'] })
  async emptyKey(): Promise<string> {
    return change();
  }
}

describe('@Evicts', () => {
  test('evicts a key, and gives what the method gave', async () => {
    expect(await users.byKey('1')).toBe('changed');
    expect(await cached('1', '2')).toEqual([false, true]);
  });

  test('evicts a key before the method runs too', async () => {
    await users.byKey('1');
    expect(seen).toEqual([false, true]);
  });

  test('invalidates tags once the method has succeeded', async () => {
    await users.byTag('1');
    expect(seen).toEqual([true, true]);
    expect(await cached('1', '2')).toEqual([false, true]);
  });

  test('clears the whole resource', async () => {
    await users.all();
    expect(seen).toEqual([true, true]);
    expect(await cached('1', '2')).toEqual([false, false]);
  });

  test('can be put on a method several times', async () => {
    await users.several('2');
    expect(await cached('1', '2')).toEqual([false, false]);
  });

  test('evicts before the method runs, and not after it, when told so', async () => {
    await users.byKeyBefore('1');
    expect(seen).toEqual([false, true]);
    await fill();
    await users.byTagBefore();
    expect(seen).toEqual([false, false]);
  });

  test('evicts before and after, when told so', async () => {
    await users.byTagBoth('1');
    expect(seen).toEqual([true, true]);
    expect(await cached('1', '2')).toEqual([false, true]);
  });

  describe('on a method that fails', () => {
    beforeEach(() => {
      failing = true;
    });

    test('rejects with its error, and leaves tags and resource alone', async () => {
      await expect(users.byTag('1')).rejects.toThrow('constraint violated');
      await expect(users.all()).rejects.toThrow('constraint violated');
      expect(await cached('1', '2')).toEqual([true, true]);
    });

    test('leaves a key empty, because nobody knows how far it came', async () => {
      await expect(users.byKey('1')).rejects.toThrow('constraint violated');
      expect(await cached('1', '2')).toEqual([false, true]);
    });

    test("evicts after it with timing: 'both'", async () => {
      await expect(users.byTagBoth('1')).rejects.toThrow('constraint violated');
      expect(await cached('1', '2')).toEqual([false, true]);
    });
  });

  test('never fails because a store does', async () => {
    cache = createCache({ tiers: [deadStore()] });
    expect(await users.byKey('1')).toBe('changed');
    expect(await users.byTag('1')).toBe('changed');
    expect(await users.all()).toBe('changed');
  });

  test('rejects a key that is none before the method has changed anything', async () => {
    await expect(users.emptyKey()).rejects.toMatchObject({ code: 'INVALID_KEY' });
    expect(seen).toEqual([]);
  });

  test('needs neither a name nor a @Cached method for tags', async () => {
    class Organisations {
      @Evicts({ cache, tags: (id: string) => [`user:${id}`] })
      async dissolve(_id: string): Promise<void> {
        await change();
      }
    }
    await new Organisations().dissolve('1');
    expect(await cached('1', '2')).toEqual([false, true]);
  });

  test('has to be told what to evict', () => {
    expect(() => Evicts({})).toThrow(/needs to be told what: `key`.*`tags`.*all: true/);
    expect(() => Evicts({ key: () => 1, all: true })).toThrow(/has both `key` and `all`/);
    expect(() => Evicts({ tags: ['a'], timing: 'after' as 'both' })).toThrow(/'after-success' or 'before' or 'both'/);
  });
});
