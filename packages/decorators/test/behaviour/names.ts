import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Cache, cacheAside, createCache } from '@cache/core';
import { Cached, cacheOf, CacheResource, Evicts, Updates } from '../../src/index.ts';

let cache: Cache;

beforeEach(() => {
  cache = createCache();
});

const invalid = (message: RegExp): unknown =>
  expect.objectContaining({ name: 'CacheError', code: 'INVALID_OPTION', message: expect.stringMatching(message) });

describe('the name of a resource', () => {
  test('is that of the method, else that of the class', async () => {
    const misses: string[] = [];
    cache.on('miss', ({ resource, key }) => misses.push(`${resource} ${key}`));

    @CacheResource({ name: 'user', cache: () => cache })
    class Users {
      @Cached({ key: (id: number) => id })
      async findById(id: number): Promise<number> {
        return id;
      }

      @Cached({ name: 'user.byEmail', key: (email: string) => email })
      async findByEmail(email: string): Promise<string> {
        return email;
      }
    }
    const users = new Users();
    await users.findById(1);
    await users.findByEmail('a@b');
    expect(misses).toEqual(['user 1', 'user.byEmail a@b']);
  });

  test('is never made up: without one every call rejects and says what to write', async () => {
    class Users {
      @Cached({ cache: () => cache })
      async findAll(): Promise<number> {
        return 1;
      }
    }
    const users = new Users();
    const sentence = /@Cached findAll\(\) has no name; write @Cached\(\{ name: 'user', … \}\), or @CacheResource/;
    await expect(users.findAll()).rejects.toEqual(invalid(sentence));
    await expect(users.findAll()).rejects.toEqual(invalid(sentence));
  });

  test('is refused where it could not stand in a key', () => {
    expect(() => Cached({ name: 'users and more' })).toThrow(/@Cached: name must be 1 to 100 letters/);
    expect(() => CacheResource({ name: '' })).toThrow(/@CacheResource: name must be/);
    expect(() => CacheResource({} as { name: string })).toThrow(/@CacheResource: name is missing/);
  });

  test('belongs to one @Cached method of a class', async () => {
    @CacheResource({ name: 'user', cache: () => cache })
    class Users {
      @Cached()
      async findById(): Promise<string> {
        return 'by id';
      }

      @Cached()
      async findByEmail(): Promise<string> {
        return 'by email';
      }

      @Evicts({ all: true })
      async reset(): Promise<void> {
        throw new Error('not reached');
      }
    }
    const users = new Users();
    const sentence = /@Cached findById\(\) and @Cached findByEmail\(\) have one name, 'user'.*name: 'user.findByEmail'/;
    await expect(users.findById()).rejects.toEqual(invalid(sentence));
    await expect(users.findByEmail()).rejects.toEqual(invalid(sentence));
    await expect(users.reset()).rejects.toEqual(invalid(sentence));
  });

  test('of @Updates and @Evicts has to be that of a @Cached method, which is told before they run', async () => {
    let ran = false;
    class Users {
      readonly cache = cache;

      @Updates({ name: 'user', keyBefore: (id: string) => id })
      async save(id: string): Promise<string> {
        ran = true;
        return id;
      }

      @Evicts({ name: 'user', all: true })
      async reset(): Promise<void> {
        ran = true;
      }
    }
    const sentence = /is about 'user', but no @Cached method of the class has that name; write of: \(\) => TheClass/;
    await expect(new Users().save('1')).rejects.toEqual(invalid(sentence));
    await expect(new Users().reset()).rejects.toEqual(invalid(sentence));
    expect(ran).toBe(false);
  });

  test('cannot be used by two classes in one cache', async () => {
    class Users {
      readonly cache = cache;
      @Cached({ name: 'user' })
      async find(): Promise<string> {
        return 'a user';
      }
    }
    class Accounts {
      readonly cache = cache;
      @Cached({ name: 'user' })
      async find(): Promise<string> {
        return 'an account';
      }
    }
    expect(await new Users().find()).toBe('a user');
    await expect(new Accounts().find()).rejects.toMatchObject({
      code: 'DUPLICATE_RESOURCE',
      resource: 'user',
      message: expect.stringContaining("another class has the name 'user' in this cache already"),
    });
    expect(await new Users().find()).toBe('a user');
  });

  test('can be used by two classes in two caches', async () => {
    const make = (value: string): { find(): Promise<string> } => {
      class Service {
        readonly cache = createCache();
        @Cached({ name: 'service' })
        async find(): Promise<string> {
          return value;
        }
      }
      return new Service();
    };
    expect(await make('a').find()).toBe('a');
    expect(await make('b').find()).toBe('b');
  });

  test('cannot be that of a resource declared without decorators', async () => {
    cache.resource('user', cacheAside({ load: () => 'of another source' }));
    class Users {
      readonly cache = cache;
      @Cached({ name: 'user' })
      async find(): Promise<string> {
        return 'a user';
      }
    }
    await expect(new Users().find()).rejects.toMatchObject({ code: 'DUPLICATE_RESOURCE' });
  });

  test('can be shared with the class that changes the source, by `of`, before that has ever been made', async () => {
    let name = 'Ann';
    @CacheResource({ name: 'user', cache: () => cache, ttl: '1h' })
    class Queries {
      @Cached({ key: (id: string) => id })
      async find(id: string): Promise<string> {
        return `${id} ${name}`;
      }
    }
    class Commands {
      @Evicts({ of: () => Queries, key: (id: string) => id })
      async rename(_id: string, to: string): Promise<void> {
        name = to;
      }

      @Updates({ of: () => Queries, keyBefore: (id: string) => id })
      async replace(id: string, by: string): Promise<string> {
        name = by;
        return `${id} ${by}`;
      }
    }
    const commands = new Commands();
    await commands.replace('1', 'Bea');
    const queries = new Queries();
    expect(await cacheOf(queries, 'find').peek('1')).toMatchObject({ hit: true, value: '1 Bea' });
    await commands.rename('1', 'Cid');
    expect(await queries.find('1')).toBe('1 Cid');
  });
});

describe('the @Cached method of a name is found', () => {
  /** A decorator that puts a function of its own around the method, as many do. */
  function Wrapped() {
    return (method: unknown, _where: unknown, descriptor?: PropertyDescriptor): never => {
      const inner = (descriptor === undefined ? method : descriptor.value) as (...args: unknown[]) => unknown;
      const outer = function (this: unknown, ...args: unknown[]): unknown {
        return inner.apply(this, args);
      };
      return (descriptor === undefined ? outer : { ...descriptor, value: outer }) as never;
    };
  }

  test('where another decorator has wrapped it, once there is an object', async () => {
    @CacheResource({ name: 'user', cache: () => cache })
    class Users {
      @Wrapped()
      @Cached({ key: (id: string) => id })
      async find(id: string): Promise<string> {
        return id;
      }

      @Evicts({ key: (id: string) => id })
      async remove(_id: string): Promise<void> {
        await Promise.resolve();
      }
    }
    const users = new Users();
    await users.remove('1');
    await users.find('1');
    expect(await cacheOf(users, 'find').peek('1')).toMatchObject({ hit: true });
  });

  test('where a constructor calls what a subclass overrides', async () => {
    class Base {
      readonly cache = cache;
      readonly first: Promise<string>;

      constructor() {
        this.first = this.find();
      }

      async find(): Promise<string> {
        return 'base';
      }
    }
    class Derived extends Base {
      @Wrapped()
      @Cached({ name: 'derived' })
      override async find(): Promise<string> {
        return 'derived';
      }
    }
    expect(await new Derived().first).toBe('derived');
  });

  test('where another decorator of ours is above it, before there is an object', async () => {
    @CacheResource({ name: 'user', cache: () => cache })
    class Users {
      @Evicts({ tags: ['searches'] })
      @Cached({ key: (id: string) => id })
      async find(id: string): Promise<string> {
        return id;
      }

      @Evicts({ all: true })
      static async reset(): Promise<string> {
        return 'reset';
      }
    }
    expect(await Users.reset()).toBe('reset');
  });

  test('by a method that has the name of one in the class that it is about', async () => {
    @CacheResource({ name: 'user', cache: () => cache })
    class Queries {
      @Cached({ key: (id: string) => id })
      async find(id: string): Promise<string> {
        return id;
      }

      @Updates({ keyBefore: (id: string) => id })
      async save(_id: string): Promise<string> {
        return 'by queries';
      }
    }
    class Commands {
      @Updates({ of: () => Queries, keyBefore: (id: string) => id })
      async save(_id: string): Promise<string> {
        return 'by commands';
      }
    }
    await new Commands().save('1');
    expect(await new Queries().find('1')).toBe('by commands');
  });
});

describe('a class that extends another', () => {
  class Table {
    readonly cache = cache;
    readonly runs: string[] = [];

    @Cached({ key: (id: string) => id })
    async find(id: string): Promise<string> {
      this.runs.push(id);
      return `${this.constructor.name} ${id}`;
    }

    @Evicts({ key: (id: string) => id })
    async remove(_id: string): Promise<void> {
      await Promise.resolve();
    }
  }

  test('names what it inherits, apart from its siblings', async () => {
    @CacheResource({ name: 'user' })
    class Users extends Table {}
    @CacheResource({ name: 'order' })
    class Orders extends Table {}
    const [users, orders] = [new Users(), new Orders()];
    expect(await users.find('1')).toBe('Users 1');
    expect(await orders.find('1')).toBe('Orders 1');
    await users.remove('1');
    await users.find('1');
    await orders.find('1');
    expect([users.runs, orders.runs]).toEqual([['1', '1'], ['1']]);
  });

  test('takes over the options of the class that it extends, but for those of its own', async () => {
    const told: string[] = [];
    cache.on('miss', ({ resource }) => told.push(resource));

    @CacheResource({ name: 'user', cache: () => cache, isolation: 'shared', scope: () => 'all' })
    class Users {
      @Cached({ key: (id: string) => id })
      async find(_id: string): Promise<Date> {
        return new Date(5);
      }
    }
    @CacheResource({ name: 'admin', scope: () => 'admins' })
    class Admins extends Users {}
    const admins = new Admins();
    expect(await admins.find('1')).toBe(await admins.find('1'));
    expect(cacheOf(admins, 'find').key('1')).toBe('admins/1');
    expect(told).toEqual(['admin']);
  });

  test('cannot take the name of a sibling for what both inherit', async () => {
    @CacheResource({ name: 'row' })
    class Users extends Table {}
    @CacheResource({ name: 'row' })
    class Orders extends Table {}
    await new Users().find('1');
    await expect(new Orders().find('1')).rejects.toMatchObject({ code: 'DUPLICATE_RESOURCE' });
  });

  test('shares what it inherits with the class that named it', async () => {
    @CacheResource({ name: 'user' })
    class Users extends Table {}
    class Admins extends Users {}
    const admins = new Admins();
    await new Users().find('1');
    await admins.find('1');
    expect(admins.runs).toEqual([]);
  });

  test('caches once where its override calls super', async () => {
    @CacheResource({ name: 'user' })
    class Users extends Table {
      @Cached({ key: (id: string) => id })
      override async find(id: string): Promise<string> {
        return `(${await super.find(id)})`;
      }
    }
    const users = new Users();
    expect(await users.find('1')).toBe('(Users 1)');
    expect(await users.find('1')).toBe('(Users 1)');
    expect(users.runs).toEqual(['1']);
    await users.remove('1');
    await users.find('1');
    expect(users.runs).toEqual(['1', '1']);
  });

  test('cannot mix what its override gives with what the overridden method gave', async () => {
    @CacheResource({ name: 'user' })
    class Users extends Table {}
    class Loud extends Users {
      @Cached({ key: (id: string) => id })
      override async find(id: string): Promise<string> {
        return (await super.find(id)).toUpperCase();
      }
    }
    expect(await new Users().find('1')).toBe('Users 1');
    await expect(new Loud().find('1')).rejects.toMatchObject({ code: 'DUPLICATE_RESOURCE' });
  });

  test('may override with a plain method around what is cached', async () => {
    @CacheResource({ name: 'user' })
    class Users extends Table {
      override async find(id: string): Promise<string> {
        return `(${await super.find(id)})`;
      }
    }
    const users = new Users();
    await users.find('1');
    expect(await users.find('1')).toBe('(Users 1)');
    expect(users.runs).toEqual(['1']);
  });
});
