import { afterEach, describe, expect, test } from '@jest/globals';
import { type Cache, createCache } from '@cache/core';
import { Cached, CacheResource, setDefaultCache } from '../../src/index.ts';

afterEach(() => setDefaultCache(undefined));

/** Tells which cache a call went to. */
function listening(): { cache: Cache; misses: string[] } {
  const cache = createCache();
  const misses: string[] = [];
  cache.on('miss', ({ resource }) => misses.push(resource));
  return { cache, misses };
}

describe('the cache of a method', () => {
  const [byOption, byField, byClass, byDefault] = [listening(), listening(), listening(), listening()];

  @CacheResource({ name: 'a', cache: () => byClass.cache })
  class Service {
    cache: unknown = byField.cache;

    @Cached({ cache: () => byOption.cache })
    async find(): Promise<number> {
      return 1;
    }

    @Cached({ name: 'b' })
    async findMore(): Promise<number> {
      return 2;
    }
  }

  class Bare {
    @Cached({ name: 'c' })
    async find(): Promise<number> {
      return 3;
    }
  }

  test('is that of its options first', async () => {
    await new Service().find();
    expect(byOption.misses).toEqual(['a']);
  });

  test('is `this.cache` next', async () => {
    await new Service().findMore();
    expect(byField.misses).toEqual(['b']);
  });

  test('is that of the class next, also where `this.cache` is something else', async () => {
    const service = new Service();
    service.cache = new Map();
    await service.findMore();
    expect(byClass.misses).toEqual(['b']);
  });

  test('is the default at last', async () => {
    setDefaultCache(byDefault.cache);
    await new Bare().find();
    expect(byDefault.misses).toEqual(['c']);
  });

  test('is missed with a sentence that says what to write', async () => {
    await expect(new Bare().find()).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringMatching(/@Cached find\(\) has no cache; write @CacheResource.* or call setDefaultCache/),
    });
  });

  test('may be made after class and object, and another one later', async () => {
    let cache: Cache | undefined;
    class Late {
      runs = 0;
      @Cached({ name: 'late', cache: () => cache! })
      async find(): Promise<number> {
        this.runs += 1;
        return this.runs;
      }
    }
    const late = new Late();
    await expect(late.find()).rejects.toThrow(/`cache` gave undefined; make the cache before/);
    cache = createCache();
    expect([await late.find(), await late.find()]).toEqual([1, 1]);
    cache = createCache();
    expect([await late.find(), await late.find()]).toEqual([2, 2]);
  });

  test('is refused where it is none', () => {
    expect(() => Cached({ cache: {} as Cache })).toThrow(/@Cached: cache must be a cache or a function/);
    expect(() => setDefaultCache({} as Cache)).toThrow(/setDefaultCache takes a cache/);
  });
});
