import { describe, expect, jest, test } from '@jest/globals';
import { createCache } from '@cache/core';
import { Cached, cacheOf, Evicts, Updates } from '../src/index.ts';

jest.mock('class-transformer', () => {
  throw Object.assign(new Error("Cannot find module 'class-transformer'"), { code: 'MODULE_NOT_FOUND' });
});

class User {
  readonly id: string = '1';
  get greeting(): string {
    return `I am ${this.id}`;
  }
}

class Users {
  readonly cache = createCache();
  runs = 0;

  @Cached({ name: 'user', type: () => User })
  async find(): Promise<User> {
    this.runs += 1;
    return new User();
  }

  @Cached({ name: 'user.forClerks', type: () => User, groups: ['clerk'] })
  async forClerks(): Promise<User> {
    this.runs += 1;
    return new User();
  }

  @Updates({ name: 'user.forClerks', keyBefore: () => '()' })
  async save(): Promise<User> {
    this.runs += 1;
    return new User();
  }

  @Evicts({ name: 'user.forClerks', all: true })
  async reset(): Promise<void> {
    await Promise.resolve();
  }
}

describe('without class-transformer', () => {
  const missing = {
    name: 'CacheError',
    code: 'MISSING_PACKAGE',
    message: expect.stringContaining('npm install class-transformer'),
  };

  test('instances are made all the same: no class can have its decorators', async () => {
    const users = new Users();
    expect([await users.find(), await users.find()].map((user) => user.greeting)).toEqual(['I am 1', 'I am 1']);
    expect(users.runs).toBe(1);
  });

  test('methods of a resource with `groups` reject before they run, and name what to install', async () => {
    const users = new Users();
    await expect(users.forClerks()).rejects.toMatchObject(missing);
    await expect(users.forClerks()).rejects.toMatchObject(missing);
    await expect(users.save()).rejects.toMatchObject(missing);
    await expect(cacheOf(users, 'forClerks').peek()).rejects.toMatchObject(missing);
    expect(users.runs).toBe(0);
    expect(await users.reset()).toBeUndefined();
    expect(await cacheOf(users, 'forClerks').evict()).toBe('done');
  });
});
