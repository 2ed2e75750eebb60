import 'reflect-metadata';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Cache, createCache } from '@cache/core';
import { Exclude, Type } from 'class-transformer';
import { Cached, cacheOf, CacheResource, Updates } from '../../src/index.ts';

class Address {
  readonly street: string;

  constructor(street: string) {
    this.street = street;
  }

  get label(): string {
    return `to ${this.street}`;
  }
}

class User {
  readonly id: string;
  readonly born: Date;
  readonly address: Address;
  password = 'secret';

  constructor(id: string, born: Date, address: Address) {
    this.id = id;
    this.born = born;
    this.address = address;
  }

  greet(): string {
    return `I am ${this.id}`;
  }
}
// By hand, because class-transformer's decorators know legacy mode only.
Type(() => Address)(User.prototype, 'address');
Exclude()(User.prototype, 'password');

const born = new Date('2000-01-01T00:00:00.000Z');
const make = (id: string): User => new User(id, born, new Address('Elm St'));

const plain = (user: User): User => Object.assign({}, user);

let cache: Cache;
let runs: number;
let users: Users;

beforeEach(() => {
  cache = createCache();
  runs = 0;
  users = new Users();
});

@CacheResource({ name: 'user', cache: () => cache, isolation: 'clone' })
class Users {
  @Cached({ key: (id: string) => id, type: () => User })
  async findById(id: string): Promise<User | null> {
    runs += 1;
    return id === 'nobody' ? null : make(id);
  }

  @Cached({ name: 'user.all', type: () => User })
  async findAll(): Promise<User[]> {
    runs += 1;
    return [make('1'), make('2')];
  }

  @Cached({ name: 'user.rows', type: () => User })
  async findRow(): Promise<User> {
    runs += 1;
    return plain(make('1'));
  }

  @Cached({ name: 'user.unless', type: () => User, unless: () => true })
  async never(): Promise<User> {
    return plain(make('1'));
  }

  @Updates({ keyBefore: (user: User) => user.id })
  async save(user: User): Promise<User> {
    return user;
  }
}

describe('@Cached with `type`', () => {
  test('gives instances after a miss and after a hit, with all that is nested', async () => {
    const miss = await users.findById('1');
    const hit = await users.findById('1');
    expect(runs).toBe(1);
    for (const user of [miss!, hit!]) {
      expect(user).toBeInstanceOf(User);
      expect(user.greet()).toBe('I am 1');
      expect(user.born).toEqual(born);
      expect(user.address).toBeInstanceOf(Address);
      expect(user.address.label).toBe('to Elm St');
    }
    expect(hit).toEqual(miss);
    expect(hit).not.toBe(miss);
  });

  test('gives every caller an instance of its own', async () => {
    const [one, other] = await Promise.all([users.findById('1'), users.findById('1')]);
    Object.assign(one!.address, { street: 'changed' });
    expect(other!.address.street).toBe('Elm St');
    expect((await users.findById('1'))!.address.street).toBe('Elm St');
  });

  test('gives arrays of instances', async () => {
    await users.findAll();
    const hit = await users.findAll();
    expect(runs).toBe(1);
    expect(hit.map((user) => user.greet())).toEqual(['I am 1', 'I am 2']);
  });

  test('makes instances of plain rows, the first time already', async () => {
    expect((await users.findRow()).greet()).toBe('I am 1');
    expect((await users.findRow()).greet()).toBe('I am 1');
    expect(runs).toBe(1);
  });

  test('makes instances of what is not cached too', async () => {
    expect((await users.never()).greet()).toBe('I am 1');
  });

  test('caches null as null', async () => {
    expect(await users.findById('nobody')).toBeNull();
    expect(await users.findById('nobody')).toBeNull();
    expect(runs).toBe(1);
  });

  test('heeds the decorators of the class', async () => {
    expect((await users.findById('1'))!.password).toBe('secret');
    await users.save(Object.assign(make('1'), { password: 'hunter2' }));
    expect((await users.findById('1'))!.password).toBe('secret');
  });

  test('gives instances of what @Updates has cached, and of what `peek` finds', async () => {
    await users.save(make('7'));
    expect((await users.findById('7'))!.greet()).toBe('I am 7');
    const peek = await cacheOf(users, 'findById').peek('7');
    expect(peek.hit && peek.value?.greet()).toBe('I am 7');
    expect(runs).toBe(0);
  });

  test('is refused beside `isolation`', () => {
    expect(() => Cached({ type: () => User, isolation: 'shared' })).toThrow(/has both `type` and `isolation`/);
  });
});
