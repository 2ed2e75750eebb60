import { describe, expect, jest, test } from '@jest/globals';
import { createCache } from '@cache/core';
import { Cached, cacheOf, Evicts, Updates } from '../src/index.ts';

jest.mock('class-transformer', () => {
  throw Object.assign(new Error("Cannot find module 'class-transformer'"), { code: 'MODULE_NOT_FOUND' });
});

class User {
  readonly id: string = '1';
}

class Users {
  readonly cache = createCache();
  runs = 0;

  @Cached({ name: 'user', type: () => User })
  async find(): Promise<User> {
    this.runs += 1;
    return new User();
  }

  @Updates({ name: 'user', keyBefore: () => '()' })
  async save(): Promise<User> {
    this.runs += 1;
    return new User();
  }

  @Evicts({ name: 'user', all: true })
  async reset(): Promise<void> {
    await Promise.resolve();
  }

  @Cached({ name: 'count' })
  async count(): Promise<number> {
    return 1;
  }
}

describe('without class-transformer', () => {
  const users = new Users();
  const missing = {
    name: 'CacheError',
    code: 'MISSING_PACKAGE',
    message: expect.stringContaining('npm install class-transformer'),
  };

  test('methods of a resource with `type` reject before they run, and name what to install', async () => {
    await expect(users.find()).rejects.toMatchObject(missing);
    await expect(users.find()).rejects.toMatchObject(missing);
    await expect(users.save()).rejects.toMatchObject(missing);
    await expect(cacheOf(users, 'find').peek()).rejects.toMatchObject(missing);
    expect(users.runs).toBe(0);
  });

  test('what needs no instances works', async () => {
    expect(await users.count()).toBe(1);
    expect(await users.reset()).toBeUndefined();
    expect(await cacheOf(users, 'find').evict()).toBe('done');
  });
});
