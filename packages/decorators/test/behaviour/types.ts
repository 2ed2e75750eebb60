// What matters here is that it compiles, with decorators of either mode: every error below has to be one.
import { describe, expect, test } from '@jest/globals';
import { createCache, memoryLedger, writeBehind, writeThrough } from '@cache/core';
import { Cached, cacheOf, CacheResource, Evicts, Updates } from '../../src/index.ts';

class User {
  constructor(
    readonly id: string,
    readonly org: string,
  ) {}
}

class Order {
  total = 1;
}

class Team {
  lead: User | null = null;
}

interface UserDto {
  readonly name: string;
}

const cache = createCache();
const ann = new User('1', 'a');

@CacheResource({ name: 'user', cache: () => cache, ttl: '10m', isolation: 'clone' })
class Users {
  @Cached({ key: (id: string) => id, type: () => User })
  async findById(_id: string): Promise<User | null> {
    return ann;
  }

  @Cached({ name: 'user.all', type: () => User, tags: (users: User[]) => users.map(({ org }) => org) })
  async findAll(): Promise<User[]> {
    return [ann];
  }

  @Cached({ name: 'user.page', type: () => ({ items: User }) })
  async page(): Promise<{ readonly items: readonly User[]; total: number } | null> {
    return { items: [ann], total: 1 };
  }

  @Cached({ name: 'team.byName', type: () => [Team, { lead: User }] })
  async teams(): Promise<ReadonlyMap<string, Team[]>> {
    return new Map();
  }

  @Cached({ name: 'user.revived', revive: ({ id, org }: { id: string; org: string }) => new User(id, org) })
  async revived(): Promise<User | null> {
    return ann;
  }

  @Cached({ name: 'user.tagged', key: (id: string) => id, tags: (user: User | null, id) => [user?.org ?? id] })
  async tagged(_id: string): Promise<User | null> {
    return ann;
  }

  @Cached({ name: 'user.unless', key: (id: string) => id, unless: (user: User, id) => user.id === id })
  async withMoreArguments(_id: string, _limit?: number): Promise<User> {
    return ann;
  }

  @Cached({ name: 'user.undefined', unless: (user: User) => user.org === '' })
  async maybe(): Promise<User | undefined> {
    return ann;
  }

  @Cached({ name: 'user.generic' })
  async generic<T>(value: T): Promise<T> {
    return value;
  }

  @Cached({ name: 'user.static' })
  static async count(): Promise<number> {
    return 1;
  }

  @Cached({ name: 'user.symbol' })
  async [Symbol.toPrimitive](): Promise<number> {
    return 1;
  }

  @Cached({ name: 'user.tenant', scope: () => undefined as string | undefined, timeout: { hard: '1s' }, grace: '1h' })
  async ofTenant(_id: string): Promise<User> {
    return ann;
  }

  @Cached({ name: 'user.through', strategy: ({ load, save }) => writeThrough<string, User>({ load, save }) })
  async through(_id: string): Promise<User> {
    return ann;
  }

  @Cached({
    name: 'user.behind',
    strategy: ({ load, saveMany }) => writeBehind<number, User>({ load, saveMany, ledger: memoryLedger() }),
  })
  async behind(_id: number): Promise<User> {
    return ann;
  }

  @Updates({ name: 'user.through', value: (_id: string, user: User) => user, keyBefore: (id) => id })
  async write(_id: string, _user: User): Promise<void> {
    await Promise.resolve();
  }

  @Updates({ key: (user: User) => user.id })
  async save(_user: UserDto): Promise<User> {
    return ann;
  }

  @Updates({ key: (user: User | null, id: string) => user?.id ?? id })
  async patch(_id: string): Promise<User | null> {
    return ann;
  }

  @Updates({ keyBefore: (id: string) => id, tags: (user: User) => [user.org] })
  async rename(_id: string, _name: string): Promise<User> {
    return ann;
  }

  @Evicts({ key: (id: string) => id, tags: (id) => [`user:${id}`] })
  async remove(_id: string): Promise<void> {
    await Promise.resolve();
  }

  @Evicts({ all: true, timing: 'both', of: () => Users })
  async reset(): Promise<void> {
    await Promise.resolve();
  }
}

describe('the types of decorators', () => {
  test('accept what fits', async () => {
    const users = new Users();
    const found: Promise<User | null> = cacheOf(users, 'findById').refresh('1');
    const counted: Promise<number> = cacheOf(Users, 'count').bypass();
    expect(await found).toEqual(ann);
    expect(await counted).toBe(1);
  });

  test('refuse what does not', () => {
    const make = (): unknown[] => {
      class Mistakes {
        // @ts-expect-error -- the key function takes another argument than the method
        @Cached({ key: (id: number) => id })
        async wrongKey(_id: string): Promise<User> {
          return ann;
        }

        // @ts-expect-error -- the key function takes more arguments than the method
        @Evicts({ key: (id: string, org: string) => id + org })
        async tooManyKeys(_id: string): Promise<void> {
          await Promise.resolve();
        }

        // @ts-expect-error -- an object is no key
        @Cached({ key: (id: string) => ({ id }) })
        async objectKey(_id: string): Promise<User> {
          return ann;
        }

        // @ts-expect-error -- another class than the method gives
        @Cached({ type: () => Order })
        async wrongClass(): Promise<User> {
          return ann;
        }

        // @ts-expect-error -- another class than that of the items
        @Cached({ type: () => Order })
        async wrongItems(): Promise<User[]> {
          return [ann];
        }

        // @ts-expect-error -- another class than that of the values
        @Cached({ type: () => Order })
        async wrongValues(): Promise<Map<string, User>> {
          return new Map();
        }

        // @ts-expect-error -- another class than that in the field
        @Cached({ type: () => ({ items: Order }) })
        async wrongField(): Promise<{ items: User[] }> {
          return { items: [] };
        }

        // @ts-expect-error -- there is no such field
        @Cached({ type: () => ({ entries: User }) })
        async noField(): Promise<{ items: User[] }> {
          return { items: [] };
        }

        // @ts-expect-error -- another class than that in the field of the class
        @Cached({ type: () => [Team, { lead: Order }] })
        async wrongNested(): Promise<Team[]> {
          return [];
        }

        // @ts-expect-error -- another class than the method gives
        @Cached({ revive: () => new Order() })
        async wrongRevival(): Promise<User | null> {
          return ann;
        }

        // @ts-expect-error -- the method is synchronous
        @Cached({ key: (id: string) => id })
        synchronous(_id: string): User {
          return ann;
        }

        // @ts-expect-error -- the method is synchronous
        @Evicts({ key: (id: string) => id })
        synchronousChange(_id: string): void {
          cache.on('miss', () => undefined);
        }

        // @ts-expect-error -- the method is synchronous
        @Updates({ key: (user: User) => user.id })
        synchronousUpdate(): User {
          return ann;
        }

        // @ts-expect-error -- the result may be null, which the function does not take
        @Updates({ key: (user: User) => user.id })
        async nullResult(): Promise<User | null> {
          return ann;
        }

        // @ts-expect-error -- the function takes another result than the method gives
        @Cached({ unless: (order: Order) => order.total === 0 })
        async wrongResult(): Promise<User> {
          return ann;
        }

        // @ts-expect-error -- an object is no tenant
        @Cached({ scope: () => ({ id: 1 }) })
        async wrongScope(): Promise<User> {
          return ann;
        }

        // @ts-expect-error -- a number is no strategy
        @Cached({ strategy: () => 1 })
        async wrongStrategy(): Promise<User> {
          return ann;
        }

        // @ts-expect-error -- the strategy is given no such method
        @Cached({ strategy: ({ load, store }) => writeThrough({ load, save: store }) })
        async noSuchMethod(): Promise<User> {
          return ann;
        }

        // @ts-expect-error -- the function takes another argument than the method
        @Updates({ value: (user: User) => user, keyBefore: ({ id }) => id })
        async wrongValue(_id: string): Promise<void> {
          await Promise.resolve();
        }

        // @ts-expect-error -- a field
        @Cached()
        field = 1;

        // @ts-expect-error -- an accessor
        @Cached()
        get accessor(): Promise<number> {
          return Promise.resolve(1);
        }

        // @ts-expect-error -- a class decorator on a method
        @CacheResource({ name: 'mistake' })
        async method(): Promise<User> {
          return ann;
        }
      }

      // @ts-expect-error -- a method decorator on a class
      @Cached()
      class Misplaced {}
      return [Mistakes, Misplaced];
    };
    expect(make).toThrow(/goes on an async method/);
    // @ts-expect-error -- there is no such option
    expect(() => Cached({ tll: '1m' })).toThrow(/did you mean 'ttl'/);
    // @ts-expect-error -- the name is missing
    expect(() => CacheResource({ ttl: '1m' })).toThrow(/name is missing/);
  });

  test('know the methods of a service, and their arguments', async () => {
    const users = new Users();
    // @ts-expect-error -- the method takes a string
    await cacheOf(users, 'findById').evict(1);
    // @ts-expect-error -- there is no such method
    expect(() => cacheOf(users, 'findByName')).toThrow(/is not decorated/);
  });
});
