import 'reflect-metadata';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Cache, createCache } from '@cache/core';
import { Exclude, Expose, Type } from 'class-transformer';
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

/** Without a decorator of class-transformer. */
class Order {
  lines: Line[] = [];
  readonly at = new Date(5);
  address = new Address('Elm St');

  constructor(readonly id: string) {}

  get total(): number {
    return this.lines.reduce((sum, line) => sum + line.cents, 0);
  }
}

class Line {
  constructor(readonly cents: number) {}

  get euros(): number {
    return this.cents / 100;
  }
}

class Account {
  readonly id: string = '1';
  readonly iban: string = 'AT61';
}
Expose({ groups: ['clerk'] })(Account.prototype, 'iban');

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
});

describe('@Cached with `type`, of what', () => {
  const order = (id: string, ...cents: number[]): Order =>
    Object.assign(new Order(id), { lines: cents.map((each) => new Line(each)) });

  @CacheResource({ name: 'order', cache: () => cache })
  class Orders {
    @Cached({ key: (id: string) => id, type: () => [Order, { lines: Line, address: Address }] })
    async find(id: string): Promise<Order | null> {
      runs += 1;
      return order(id, 150, 50);
    }

    @Cached({ name: 'order.page', type: () => ({ items: Order, owner: User }) })
    async page(): Promise<{ items: Order[]; owner: User; total: number }> {
      runs += 1;
      return { items: [order('1', 5)], owner: make('7'), total: 1 };
    }

    @Cached({ name: 'order.byId', type: () => Order })
    async byId(): Promise<Map<string, Order>> {
      runs += 1;
      return new Map([['1', order('1')]]);
    }

    @Cached({ name: 'order.users', type: () => User })
    async users(): Promise<Map<string, User[]>> {
      runs += 1;
      return new Map([['a', [make('1')]]]);
    }
  }

  const twice = async <T>(find: () => Promise<T>): Promise<T[]> => {
    const got = [await find(), await find()];
    expect(runs).toBe(1);
    return got;
  };

  test('has no decorators of class-transformer: the instances in its fields are told by a pair', async () => {
    for (const got of await twice(() => new Orders().find('1'))) {
      expect(got!.total).toBe(200);
      expect(got!.lines.map((line) => line.euros)).toEqual([1.5, 0.5]);
      expect([got!.address.label, got!.at]).toEqual(['to Elm St', new Date(5)]);
    }
  });

  test('is in the fields of a wrapper, each class in its own way', async () => {
    for (const { items, owner, total } of await twice(() => new Orders().page())) {
      expect([items[0]!.total, total]).toEqual([5, 1]);
      expect(items[0]).toBeInstanceOf(Order);
      expect([owner.greet(), owner.address.label]).toEqual(['I am 7', 'to Elm St']);
    }
  });

  test('are the values of a Map', async () => {
    for (const got of await twice(() => new Orders().byId())) expect(got.get('1')).toBeInstanceOf(Order);
    runs = 0;
    for (const got of await twice(() => new Orders().users()))
      expect(got.get('a')![0]!.address.label).toBe('to Elm St');
  });

  test('is exposed to groups alone', async () => {
    class Accounts {
      readonly cache = cache;

      @Cached({ name: 'account.clerk', type: () => Account, groups: ['clerk'] })
      async forClerks(): Promise<Account> {
        return Object.assign(new Account(), { iban: 'AT99' });
      }

      @Cached({ name: 'account.public', type: () => Account, groups: [] })
      async forAll(): Promise<Account> {
        return Object.assign(new Account(), { id: '2', iban: 'AT99' });
      }
    }
    const accounts = new Accounts();
    const forClerks = [await accounts.forClerks(), await accounts.forClerks()];
    const forAll = [await accounts.forAll(), await accounts.forAll()];
    expect(forClerks.map(({ iban }) => iban)).toEqual(['AT99', 'AT99']);
    expect(forAll.map(({ id, iban }) => [id, iban])).toEqual([
      ['2', 'AT61'],
      ['2', 'AT61'],
    ]);
  });
});

describe('@Cached with `revive`', () => {
  class Money {
    readonly #cents: number;
    constructor(cents: number) {
      this.#cents = cents;
    }
    get euros(): number {
      return this.#cents / 100;
    }
    toJSON(): number {
      return this.#cents;
    }
  }

  class Prices {
    readonly cache = cache;
    runs = 0;

    @Cached({
      name: 'price',
      revive: (cents: number) => new Money(cents),
      dehydrate: (price: Money) => price.toJSON(),
    })
    async find(_id: string): Promise<Money | null> {
      this.runs += 1;
      return new Money(150);
    }

    @Updates({ name: 'price', keyBefore: () => '("1")' })
    async change(): Promise<Money> {
      return new Money(5);
    }
  }

  test('gives what the function makes of plain data, after a miss, a hit and an update alike', async () => {
    const prices = new Prices();
    expect([await prices.find('1'), await prices.find('1')].map((price) => price!.euros)).toEqual([1.5, 1.5]);
    expect(prices.runs).toBe(1);
    await prices.change();
    expect((await prices.find('1'))!.euros).toBe(0.05);
    expect(prices.runs).toBe(1);
  });
});

describe('@Cached is refused', () => {
  test.each<[RegExp, () => unknown]>([
    [/has both `type` and `isolation`/, () => Cached({ type: () => User, isolation: 'shared' })],
    [/has both `revive` and `isolation`/, () => Cached({ revive: () => make('1'), isolation: 'shared' })],
    [/has both `type` and `revive`/, () => Cached({ type: () => User, revive: () => make('1') })],
    [/has `dehydrate` without `revive`/, () => Cached({ dehydrate: () => 1 })],
    [/has `groups` without `type`/, () => Cached({ groups: ['a'] })],
    [/groups must be an array of the groups/, () => Cached({ type: () => User, groups: 'a' as unknown as string[] })],
    [/type must be a function that gives the class.*type: \(\) => User/, () => Cached({ type: User as never })],
  ])('with %s', (sentence, decorate) => {
    expect(decorate).toThrow(sentence);
  });
});
