import 'reflect-metadata';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Cache, createCache } from '@cache/core';
import { Cached, cacheOf, CacheResource, Evicts, Updates } from '../../src/index.ts';

let cache: Cache;
let runs: number;

beforeEach(() => {
  cache = createCache();
  runs = 0;
});

const byName = Symbol('byName');

/** A decorator that only notes something, as guards and routers have them. */
function Route(path: string) {
  return (target: unknown, where: unknown, descriptor?: PropertyDescriptor): void => {
    const method = descriptor === undefined ? target : (descriptor.value as unknown);
    Reflect.defineMetadata('path', path, method as object);
    Object.assign(method as object, { route: `${path} ${typeof where}` });
  };
}

describe('a decorated method', () => {
  @CacheResource({ name: 'service', cache: () => cache })
  class Service {
    @Route('/above')
    @Cached({ key: (id: string) => id })
    @Route('/below')
    async find(id: string, _limit?: number, _offset = 0): Promise<string> {
      runs += 1;
      return id;
    }

    @Cached({ name: 'service.routed' })
    @Route('/routed')
    async routed(): Promise<number> {
      return 1;
    }

    @Cached({ name: 'service.static' })
    static async count(this: typeof Service): Promise<string> {
      runs += 1;
      return `${typeof this} ${runs}`;
    }

    @Cached({ name: 'service.symbol' })
    async [byName](): Promise<number> {
      runs += 1;
      return runs;
    }

    @Evicts({ name: 'service.static', all: true })
    static async reset(): Promise<void> {
      await Promise.resolve();
    }

    @Evicts({ key: (id: string) => id })
    static async remove(_id: string): Promise<void> {
      await Promise.resolve();
    }
  }

  test('keeps its name and its length', () => {
    expect([Service.prototype.find.name, Service.prototype.find.length]).toEqual(['find', 2]);
    expect(Service.prototype[byName].name).toBe('[byName]');
  });

  test('keeps what others have noted on it, above and below', () => {
    const { find, routed } = Service.prototype;
    expect(Reflect.getMetadata('path', find)).toBe('/above');
    expect(Reflect.getMetadata('path', routed)).toBe('/routed');
    expect((routed as { route?: string }).route).toMatch(/^\/routed/);
  });

  test('stays where it was: on the prototype, not enumerable', () => {
    expect(Object.keys(Service.prototype)).toEqual([]);
    expect(Object.hasOwn(new Service(), 'find')).toBe(false);
  });

  test('may be static', async () => {
    expect(await Service.count()).toBe('function 1');
    expect(await Service.count()).toBe('function 1');
    await Service.reset();
    expect(await Service.count()).toBe('function 2');
    expect(await cacheOf(Service, 'count').peek()).toMatchObject({ hit: true });
  });

  test('may be static and about what instances cache, before there is one', async () => {
    await Service.remove('1');
    const service = new Service();
    await service.find('1');
    await Service.remove('1');
    await service.find('1');
    expect(runs).toBe(2);
  });

  test('may be named by a symbol', async () => {
    const service = new Service();
    expect([await service[byName](), await service[byName]()]).toEqual([1, 1]);
  });

  test('may be called on an object derived from a service', async () => {
    const service = new Service();
    await service.find('1');
    expect(await (Object.create(service) as Service).find('1')).toBe('1');
    expect(runs).toBe(1);
  });

  test('rejects, rather than throws, where it is called without its object', async () => {
    const { find } = Service.prototype;
    await expect(find('1')).rejects.toThrow(
      '@Cached find() was called without its object; write () => service.find(…)',
    );
  });

  test.each<[string, (service: Service) => unknown]>([
    ['an object literal', (service) => ({ find: service.find, cache })],
    ['a copy of its object', (service) => Object.assign({}, service, { find: service.find, cache })],
    ['an object of no class at all', (service) => Object.assign(Object.create(null) as object, { find: service.find })],
    ['a primitive', () => 7],
  ])('rejects on %s, which would share its values with everything', async (_what, make) => {
    const self = make(new Service()) as Service;
    await expect(Service.prototype.find.call(self, '1')).rejects.toThrow(/was called without its object/);
    class Bystander {
      readonly cache = cache;
      @Cached({ name: 'bystander', key: (id: string) => id })
      async find(id: string): Promise<string> {
        return `bystander ${id}`;
      }
    }
    expect(await new Bystander().find('1')).toBe('bystander 1');
  });

  test('rejects arguments that no key can be made of, and says what to give', async () => {
    class Search {
      readonly cache = cache;
      @Cached({ name: 'search' })
      async find(..._filter: unknown[]): Promise<number> {
        runs += 1;
        return runs;
      }
    }
    const search = new Search();
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    for (const filter of [cyclic, () => 1, Symbol('a'), new Search(), Promise.resolve(1)]) {
      await expect(search.find(filter)).rejects.toMatchObject({
        code: 'INVALID_KEY',
        message: expect.stringContaining('give `key`, such as key: (user) => user.id'),
      });
    }
    expect([await search.find(), await search.find(undefined), await search.find(undefined, undefined)]).toEqual([
      1, 1, 1,
    ]);
    expect([await search.find(undefined, 1), await search.find(1), await search.find(null)]).toEqual([2, 3, 4]);
  });

  test.each([undefined, null, '', NaN, {}, Promise.resolve('1')])(
    'rejects a key function that gives %p',
    async (key) => {
      class Users {
        readonly cache = cache;
        @Cached({ name: 'user', key: () => key as string })
        async find(): Promise<void> {
          runs += 1;
        }
      }
      await expect(new Users().find()).rejects.toMatchObject({ code: 'INVALID_KEY' });
      expect(runs).toBe(0);
    },
  );

  test('rejects, rather than throws, where a function of its options throws', async () => {
    class Picky {
      readonly cache = cache;
      @Cached({
        name: 'picky',
        key: (id: { value: string }) => id.value,
      })
      async find(_id: { value: string }): Promise<void> {
        await Promise.resolve();
      }
    }
    await expect(new Picky().find(null as unknown as { value: string })).rejects.toThrow(TypeError);
  });
});

describe('a decorator', () => {
  // As JavaScript has it, without the types that refuse all this.
  const asAny = (decorator: unknown): ((...args: unknown[]) => never) => decorator as (...args: unknown[]) => never;

  test.each<[string, unknown]>([
    ['@Cached', Cached()],
    ['@Updates', Updates({ keyBefore: () => 1 })],
    ['@Evicts', Evicts({ all: true })],
  ])('%s throws on what is not a method', (name, decorator) => {
    const refusal = (what: string): string => `${name} goes on an async method, not on ${what}`;
    const decorate = asAny(decorator);
    expect(() => decorate(class {})).toThrow(refusal('a class'));
    expect(() => decorate({}, 'field')).toThrow(refusal('a field'));
    expect(() => decorate({}, 'field', undefined)).toThrow(refusal('a field'));
    expect(() => decorate({}, 'name', { get: () => 1 })).toThrow(refusal('an accessor'));
    expect(() => decorate({}, 'name', 0)).toThrow(refusal('a parameter'));
    expect(() => decorate(class {}, { kind: 'class' })).toThrow(refusal('a class'));
    expect(() => decorate(undefined, { kind: 'field' })).toThrow(refusal('a field'));
    expect(() => decorate(() => 1, { kind: 'getter' })).toThrow(refusal('an accessor'));
    expect(() => decorate({}, { kind: 'accessor' })).toThrow(refusal('an accessor'));
  });

  test('@CacheResource throws on what is not a class', () => {
    const decorate = asAny(CacheResource({ name: 'a' }));
    expect(() => decorate({}, 'method', { value: () => 1 })).toThrow(/@CacheResource goes on a class/);
    expect(() => decorate(() => 1, { kind: 'method' })).toThrow(/@CacheResource goes on a class/);
  });

  test.each<[string, (decorated: unknown) => unknown]>([
    ['@Cached', () => Cached({ name: 'sync', cache })],
    ['@Evicts', () => Evicts({ tags: ['a'], cache })],
  ])('%s lets a synchronous method reject, and says to make it async', async (name, make) => {
    const descriptor = { value: () => 1, configurable: true };
    const target = { sync: descriptor.value };
    const { value } = asAny(make(target))(target, 'sync', descriptor) as { value: () => Promise<number> };
    const sentence = `${name} sync() did not return a promise; make the method async`;
    await expect(value.call(Object.create(target))).rejects.toThrow(sentence);
  });

  test('refuses options that do not exist, with the nearest that does', () => {
    expect(() => Cached({ tll: '1m' } as object)).toThrow(/@Cached has no option 'tll'; did you mean 'ttl'/);
    expect(() => Cached({ ttl: 'soon' as '1s' })).toThrow(/@Cached: ttl: 'soon' is not a duration/);
    expect(() => Evicts({ all: true, ttl: '1m' } as { all: true })).toThrow(/@Evicts has no option 'ttl'/);
    expect(() => Cached({ tags: 'user' as unknown as string[] })).toThrow(/@Cached: tags must be an array of tags/);
  });
});
