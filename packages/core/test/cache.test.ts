import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Cache, cacheAside, createCache, memoryStore, writeThrough } from '@cache/core';
import { ManualClock } from '@cache/core/testing';
import { deferred } from './support/deferred.ts';
import { rejectionOf, thrownBy } from './support/failure.ts';
import { cacheOn, heard } from './support/memory-cache.ts';

let clock: ManualClock;
let cache: Cache;
beforeEach(() => {
  clock = new ManualClock();
  cache = cacheOn(clock);
});

const echo = (of = cache, name = 'echo') => of.resource(name, cacheAside<string, string>({ load: (id) => id }));

describe('getOrSet', () => {
  test('loads once, for as long as its options say', async () => {
    const load = jest.fn(async () => 5);
    expect(await cache.getOrSet('report', load, { ttl: '1h' })).toBe(5);
    await clock.advance(3_599_999);
    expect(await cache.getOrSet('report', load, { ttl: '1h' })).toBe(5);
    expect(load).toHaveBeenCalledTimes(1);
    await clock.advance(1);
    await cache.getOrSet('report', load, { ttl: '1h' });
    expect(load).toHaveBeenCalledTimes(2);
  });

  test("lives as long as the cache's defaults say, five minutes if they say nothing", async () => {
    const load = jest.fn(async () => 5);
    await cache.getOrSet('report', load);
    await clock.advance(299_999);
    await cache.getOrSet('report', load);
    expect(load).toHaveBeenCalledTimes(1);
    await clock.advance(1);
    await cache.getOrSet('report', load);
    expect(load).toHaveBeenCalledTimes(2);
  });

  test('shares one load among its callers, and its error, which is not cached', async () => {
    const loading = deferred<number>();
    const load = jest.fn(() => loading.promise);
    const answers = Array.from({ length: 100 }, () => cache.getOrSet('report', load).catch((error: unknown) => error));
    const error = new Error('down');
    loading.reject(error);
    expect(new Set(await Promise.all(answers))).toEqual(new Set([error]));
    expect(load).toHaveBeenCalledTimes(1);
    expect(await cache.getOrSet('report', () => 6)).toBe(6);
  });

  test('gives each of its callers a copy of his own of what cannot be frozen', async () => {
    const answers = await Promise.all(Array.from({ length: 3 }, () => cache.getOrSet('day', () => new Date(0))));
    expect(answers).toEqual([new Date(0), new Date(0), new Date(0)]);
    expect(new Set(answers).size).toBe(3);
  });

  test('gives who comes for a value that is being replaced the old one, and has him wait for nobody', async () => {
    const options = { ttl: '1s', grace: '1h', staleWhileRevalidate: '1h' } as const;
    await cache.getOrSet('report', () => 'old', options);
    await clock.advance(1_000);
    const loading = deferred<string>();
    const slow = [1, 2, 3].map(() => cache.getOrSet('report', () => loading.promise, options));
    expect(await Promise.all(slow)).toEqual(['old', 'old', 'old']);
    loading.resolve('new');
  });

  test('never meets a resource, whatever the names', async () => {
    const resource = echo(cache, 'report');
    await resource.get('may');
    expect(await cache.getOrSet('may', () => 'ad hoc')).toBe('ad hoc');
    expect(await cache.getOrSet('report:may', () => 'ad hoc too')).toBe('ad hoc too');
    expect(await resource.get('may')).toBe('may');
  });

  test('forgets what is evicted or invalidated by tag', async () => {
    let count = 0;
    const load = (): number => (count += 1);
    await cache.getOrSet('report', load, { tags: ['org:7'] });
    expect(await cache.evict('report')).toBe('done');
    expect(await cache.getOrSet('report', load, { tags: ['org:7'] })).toBe(2);
    await cache.invalidateTags('org:7');
    expect(await cache.getOrSet('report', load)).toBe(3);
  });

  test.each([
    ['no loader', undefined, undefined, 'INVALID_OPTION', 'write a loader as the second argument'],
    ['a value for a loader', 5, undefined, 'INVALID_OPTION', 'must be a function, not number'],
    ['an unknown option', () => 1, { tll: 1 }, 'UNKNOWN_OPTION', "did you mean 'ttl'?"],
    ['options that are null', () => 1, null, 'INVALID_OPTION', 'takes one object of options'],
    ['options that are none', () => 1, 5, 'INVALID_OPTION', 'takes one object of options'],
    ['a ttl that is none', () => 1, { ttl: 'soon' }, 'INVALID_DURATION', 'cache.getOrSet: ttl'],
    ['an option that is of resources only', () => 1, { isolation: 'shared' }, 'UNKNOWN_OPTION', "'isolation'"],
  ])('rejects %s', async (_name, load, options, code, sentence) => {
    const error = await rejectionOf(cache.getOrSet('report', load as () => number, options as object));
    expect(error.code).toBe(code);
    expect(error.message).toContain(sentence);
  });

  test('rejects a key that is none', async () => {
    expect((await rejectionOf(cache.getOrSet('', () => 1))).code).toBe('INVALID_KEY');
    expect(await rejectionOf(cache.evict(''))).toMatchObject({ code: 'INVALID_KEY' });
  });
});

describe('invalidateTags', () => {
  test('says how to write its tags to who gives them as an array', async () => {
    const error = await rejectionOf(cache.invalidateTags(['org:7', 'eur'] as unknown as string));
    expect([error.code, error.message]).toEqual([
      'INVALID_OPTION',
      expect.stringContaining("such as ('org:7', 'eur')"),
    ]);
  });

  const tagged = () =>
    cache.resource(
      'tagged',
      cacheAside<string, string>({ load: (id) => id, tags: (_value, id) => [`id:${id}`, 'all'] }),
    );

  test('ends what has one of the tags, in every resource, and nothing else', async () => {
    const [one, other] = [tagged(), echo()];
    await one.getMany(['1', '2']);
    await other.get('1');
    expect(await cache.invalidateTags('id:1', 'unheard of')).toBe('done');
    expect([(await one.peek('1')).hit, (await one.peek('2')).hit, (await other.peek('1')).hit]).toEqual([
      false,
      true,
      true,
    ]);
    await cache.invalidateTags('all');
    expect((await one.peek('2')).hit).toBe(false);
  });

  test('ends what is being loaded, before its tags are even known', async () => {
    const loading = deferred<string>();
    const loads = jest.fn(() => loading.promise);
    const resource = cache.resource('slow', cacheAside<string, string>({ load: loads, tags: (org) => [`org:${org}`] }));
    const before = resource.get('1');
    await cache.invalidateTags('org:7');
    const after = resource.get('1');
    loading.resolve('7');
    expect(await Promise.all([before, after])).toEqual(['7', '7']);
    expect(loads).toHaveBeenCalledTimes(2);
  });

  test('does not have what is loaded afterwards be loaded again', async () => {
    const resource = tagged();
    await cache.invalidateTags('all');
    await resource.get('1');
    expect((await resource.peek('1')).hit).toBe(true);
  });

  test('never takes a tag of a user for one of its own', async () => {
    const resource = tagged();
    await resource.get('1');
    await cache.invalidateTags('*', '@tagged', '#all');
    expect((await resource.peek('1')).hit).toBe(true);
  });

  test.each([[''], ['x'.repeat(201)], [5], [undefined], [['org:7']]])('refuses %p as a tag', async (tag) => {
    const error = await rejectionOf(cache.invalidateTags(tag as string));
    expect(error.code).toBe('INVALID_OPTION');
    expect(error.message).toContain("such as ('org:7', 'eur')");
  });
});

describe('clear', () => {
  test('forgets all there is, whatever its resource, and a load under way does not bring it back', async () => {
    const resource = echo();
    await resource.getMany(['1', '2']);
    await cache.getOrSet('report', () => 1);
    const loading = deferred<string>();
    const slow = cache.resource('slow', cacheAside<string, string>({ load: () => loading.promise }));
    const before = slow.get('1');
    expect(await cache.clear()).toBe('done');
    loading.resolve('old');
    await before;
    await clock.advance(0);
    expect([(await resource.peek('1')).hit, (await slow.peek('1')).hit]).toEqual([false, false]);
    expect(await cache.getOrSet('report', () => 2)).toBe(2);
  });

  test('touches as many entries whether there are ten or ten thousand: none', async () => {
    const touched: string[] = [];
    const memory = memoryStore();
    const counting = {
      ...memory,
      open: (...args: Parameters<typeof memory.open>) => {
        const space = memory.open(...args);
        return {
          close: () => space.close(),
          segment: (name: string) => {
            const segment = space.segment(name);
            return {
              get size() {
                return segment.size;
              },
              get: (key: string) => segment.get(key),
              set: (key: string, entry: Parameters<typeof segment.set>[1]) => segment.set(key, entry),
              delete: (key: string) => {
                touched.push(key);
                segment.delete(key);
              },
              figures: () => segment.figures(),
            };
          },
        };
      },
    };
    const resource = echo(cacheOn(clock, { tiers: [counting] }));
    await resource.getMany(Array.from({ length: 1_000 }, (_, index) => `k${index}`));
    touched.length = 0;
    await resource.clear();
    expect(touched).toEqual([]);
    expect((await resource.peek('k1')).hit).toBe(false);
  });
});

describe('resource', () => {
  test('refuses a second one of a name, with what to do', () => {
    echo();
    const error = thrownBy(() => echo());
    expect(error).toMatchObject({ code: 'DUPLICATE_RESOURCE', resource: 'echo' });
    expect(error.message).toContain('declare it once and share it');
  });

  test.each(['', 'a b', 'a:b', 'x'.repeat(101), null, 5])('refuses %p as a name', (name) => {
    expect(thrownBy(() => echo(cache, name as string)).code).toBe('INVALID_OPTION');
  });

  test.each([undefined, null, {}, cacheAside, 'cacheAside'])(
    'refuses %p as a strategy, with what to write',
    (strategy) => {
      const error = thrownBy(() => cache.resource('user', strategy as ReturnType<typeof cacheAside>));
      expect(error.code).toBe('INVALID_OPTION');
      expect(error.message).toContain(
        "cache.resource('user'): the strategy must be a strategy, such as cacheAside({ load })",
      );
    },
  );

  test('may be named like something that every object has', async () => {
    for (const name of ['__proto__', 'constructor', 'toString']) {
      expect(await echo(cache, name).get('__proto__')).toBe('__proto__');
    }
  });

  test('that was refused leaves its name free', () => {
    const contradictory = { load: (id: string) => id, dehydrate: () => 1 };
    thrownBy(() => cache.resource('user', cacheAside<string, string>(contradictory)));
    expect(() => echo(cache, 'user')).not.toThrow();
  });

  test('may share its strategy with another, and its values with none', async () => {
    const load = jest.fn((id: string) => id);
    const strategy = cacheAside<string, string>({ load });
    await cache.resource('a', strategy).get('1');
    await cache.resource('b', strategy).get('1');
    expect(load).toHaveBeenCalledTimes(2);
  });
});

describe('events', () => {
  test('tell of misses and loads, not of hits, and never carry a value', async () => {
    const [misses, loads] = [heard(cache, 'miss'), heard(cache, 'load')];
    const resource = cache.resource(
      'slow',
      cacheAside<string, string>({
        load: async () => {
          await clock.advance(25);
          return 'secret';
        },
      }),
    );
    await resource.get('1');
    await resource.get('1');
    expect(misses).toEqual([{ resource: 'slow', key: '1' }]);
    expect(loads).toEqual([{ resource: 'slow', key: '1', ms: 25 }]);
  });

  test('that a listener cannot bear harm no caller', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    cache.on('miss', () => {
      throw new Error('broken listener');
    });
    expect(await echo().get('1')).toBe('1');
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });

  test('are told until the listener stops', async () => {
    const listener = jest.fn();
    const stop = cache.on('miss', listener);
    const resource = echo();
    await resource.get('1');
    stop();
    await resource.get('2');
    expect(listener).toHaveBeenCalledTimes(1);
  });
});

describe('a closed cache', () => {
  test('rejects every call, a second close too, with a sentence that says what to do', async () => {
    const aside = echo();
    const through = cache.resource('through', writeThrough<string, string>({ load: (id) => id, save: async () => 1 }));
    await aside.get('1');
    await cache.getOrSet('report', () => 1);
    expect(await cache.close()).toEqual({ unwritten: 0 });
    const calls = [
      aside.get('1'),
      aside.getMany(['1']),
      aside.peek('1'),
      aside.put('1', 'value'),
      aside.evict('1'),
      aside.mutate('1', () => 1),
      aside.clear(),
      through.set('1', 'value'),
      cache.getOrSet('report', () => 1),
      cache.evict('report'),
      cache.invalidateTags('org:7'),
      cache.clear(),
      cache.ready(),
      cache.close(),
    ];
    for (const call of calls) {
      const error = await rejectionOf(call);
      expect(error.code).toBe('CLOSED');
      expect(error.message).toContain('close it last');
    }
    expect(thrownBy(() => echo(cache, 'late')).code).toBe('CLOSED');
    expect(clock.timers).toBe(0);
  });

  test('runs no loader, writer or change any more', async () => {
    const run = jest.fn(async () => 'value');
    const through = cache.resource('through', writeThrough<string, string>({ load: run, save: run }));
    await cache.close();
    const calls = [through.get('1'), through.set('1', 'x'), cache.getOrSet('report', run)];
    for (const call of calls) await rejectionOf(call);
    expect(run).not.toHaveBeenCalled();
  });

  test('still answers those who had asked before', async () => {
    const loading = deferred<string>();
    const slow = cache.resource('slow', cacheAside<string, string>({ load: () => loading.promise }));
    const answers = [slow.get('1'), slow.get('1')];
    const closing = cache.close();
    // Not even those who could join a load.
    expect((await rejectionOf(slow.get('1'))).code).toBe('CLOSED');
    await clock.advance(9_999);
    loading.resolve('value');
    await closing;
    expect(await Promise.all(answers)).toEqual(['value', 'value']);
    expect(clock.timers).toBe(0);
    expect((await rejectionOf(slow.get('1'))).code).toBe('CLOSED');
  });

  test('ends what is still loading after the time-out: its callers are told, and its signal is aborted', async () => {
    let signal: AbortSignal | undefined;
    const load = (_key: string, context: { signal: AbortSignal }): Promise<string> => {
      ({ signal } = context);
      return new Promise(() => undefined);
    };
    const hanging = cache.resource('hanging', cacheAside<string, string>({ load }));
    const answer = rejectionOf(hanging.get('1'));
    const closing = cache.close({ timeout: '3s' });
    await clock.advance(2_999);
    expect(signal!.aborted).toBe(false);
    await clock.advance(1);
    expect((await answer).code).toBe('CLOSED');
    expect(signal!.aborted).toBe(true);
    await closing;
    expect(clock.timers).toBe(0);
  });

  test('refuses options that are none, and stays open then', async () => {
    expect((await rejectionOf(cache.close({ timeout: 'soon' as '1s' }))).code).toBe('INVALID_DURATION');
    expect((await rejectionOf(cache.close({ time: 1 } as object))).code).toBe('UNKNOWN_OPTION');
    expect(await echo().get('1')).toBe('1');
  });
});

describe('ready', () => {
  test('resolves at once where there is no shared tier', async () => {
    await expect(cache.ready()).resolves.toBeUndefined();
  });

  test('refuses options that are none', async () => {
    expect((await rejectionOf(cache.ready({ timeout: 'soon' as '1s' }))).code).toBe('INVALID_DURATION');
    expect((await rejectionOf(cache.ready({ tiemout: '1s' } as object))).code).toBe('UNKNOWN_OPTION');
    expect((await rejectionOf(cache.ready(null as unknown as undefined))).code).toBe('INVALID_OPTION');
  });
});

test('two caches over one memory store share nothing', async () => {
  const store = memoryStore();
  const [one, other] = [createCache({ tiers: [store] }), createCache({ tiers: [store] })];
  await one.getOrSet('report', () => 1);
  expect(await other.getOrSet('report', () => 2)).toBe(2);
  await one.close();
  expect(await other.getOrSet('report', () => 3)).toBe(2);
});
