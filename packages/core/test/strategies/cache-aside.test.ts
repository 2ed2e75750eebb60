import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Cache, cacheAside, CacheError, type LoadContext } from '@cache/core';
import { ManualClock } from '@cache/core/testing';
import { type Deferred, deferred } from '../support/deferred.ts';
import { rejectionOf, thrownBy } from '../support/failure.ts';
import { cacheOn, heard } from '../support/memory-cache.ts';
import { PlainSegment, storeOf } from '../support/plain-local-store.ts';

interface User {
  name: string;
}

let clock: ManualClock;
let cache: Cache;
let db: Map<string, User | null>;
let load: jest.Mock<(id: string | number, context: LoadContext<string | number>) => Promise<User | null>>;

beforeEach(() => {
  clock = new ManualClock();
  cache = cacheOn(clock);
  db = new Map([['1', { name: 'Ann' }], ['2', { name: 'Bob' }]]); // prettier-ignore
  load = jest.fn(async (id: string | number) => structuredClone(db.get(String(id)) ?? null));
});
afterEach(() => {
  jest.restoreAllMocks();
});

const users = () => cache.resource('user', cacheAside<string | number, User | null>({ load, ttl: '10s' }));
/** A resource whose loads end when the test says so, in their order. */
function slow() {
  const loads: Deferred<unknown>[] = [];
  const resource = cache.resource(
    'slow',
    cacheAside<string, unknown>({
      load: () => {
        loads.push(deferred());
        return loads.at(-1)!.promise;
      },
    }),
  );
  return { resource, loads };
}

describe('get', () => {
  test('loads once, and again when the value has expired', async () => {
    const resource = users();
    expect(await resource.get('1')).toEqual({ name: 'Ann' });
    await clock.advance(9_999);
    await resource.get('1');
    expect(load).toHaveBeenCalledTimes(1);
    db.set('1', { name: 'Eve' });
    await clock.advance(1);
    expect(await resource.get('1')).toEqual({ name: 'Eve' });
    expect(load).toHaveBeenCalledTimes(2);
  });

  test('takes a number and its text as one key', async () => {
    const resource = users();
    await resource.get(1);
    await resource.get('1');
    expect(load).toHaveBeenCalledTimes(1);
    expect(await resource.evict(1)).toBe('done');
    await resource.get('1');
    expect(load).toHaveBeenCalledTimes(2);
  });

  test('gives the loader the key as it was asked for', async () => {
    await users().get(2);
    expect(load.mock.calls[0]![0]).toBe(2);
    expect(load.mock.calls[0]![1].key).toBe(2);
  });

  test('takes a loader that is not async, and one that throws at once', async () => {
    const plain = cache.resource('plain', cacheAside<string, string>({ load: (id) => `value of ${id}` }));
    expect(await plain.get('1')).toBe('value of 1');
    const error = new Error('at once');
    const thrower = cache.resource(
      'thrower',
      cacheAside<string, string>({
        load: () => {
          throw error;
        },
      }),
    );
    await expect(thrower.get('1')).rejects.toBe(error);
  });

  test.each(['', 'x'.repeat(513), '\uD800', NaN, Infinity, undefined, null, {}, [], true, 5n, Symbol('1')])(
    'refuses %p as a key, and asks no loader',
    async (key) => {
      const resource = users();
      await resource.put('NaN', { name: 'a key like any other' });
      const bad = key as string;
      for (const call of [resource.get(bad), resource.getMany(['1', bad]), resource.peek(bad), resource.evict(bad)]) {
        expect((await rejectionOf(call)).code).toBe('INVALID_KEY');
      }
      expect((await rejectionOf(resource.put(bad, { name: '' }))).code).toBe('INVALID_KEY');
      const change = jest.fn();
      expect((await rejectionOf(resource.mutate(bad, change))).code).toBe('INVALID_KEY');
      expect(load).not.toHaveBeenCalled();
      expect(change).not.toHaveBeenCalled();
    },
  );
});

describe('the single flight', () => {
  test('has a thousand callers of a cold key share one load', async () => {
    const { resource, loads } = slow();
    const answers = Array.from({ length: 1_000 }, () => resource.get('1'));
    loads[0]!.resolve('value');
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['value']));
    expect(loads).toHaveLength(1);
  });

  test("has a thousand callers share the loader's error, which is not cached", async () => {
    const { resource, loads } = slow();
    const told = heard(cache, 'loadError');
    const error = new Error('down');
    const answers = Array.from({ length: 1_000 }, () => resource.get('1').catch((reason: unknown) => reason));
    loads[0]!.reject(error);
    expect(new Set(await Promise.all(answers))).toEqual(new Set([error]));
    expect(told).toEqual([{ resource: 'slow', key: '1', error }]);
    const again = resource.get('1');
    expect(loads).toHaveLength(2);
    loads[1]!.resolve('value');
    expect(await again).toBe('value');
  });

  test('has getMany and get share what is under way', async () => {
    const { resource, loads } = slow();
    const one = resource.get('1');
    const many = resource.getMany(['1', '2', '1']);
    const two = resource.get('2');
    expect(loads).toHaveLength(2);
    loads[0]!.resolve('one');
    loads[1]!.resolve('two');
    expect(await Promise.all([one, many, two])).toEqual(['one', ['one', 'two', 'one'], 'two']);
  });
});

describe('what a loader brings', () => {
  test.each([null, 0, '', false, -0, NaN, 5n])('is a value when it is %p: kept, and given as it is', async (value) => {
    const loader = jest.fn(async () => value);
    const resource = cache.resource('falsy', cacheAside<string, unknown>({ load: loader }));
    expect([await resource.get('1'), await resource.get('1')]).toEqual([value, value]);
    expect(loader).toHaveBeenCalledTimes(1);
    expect(await resource.peek('1')).toMatchObject({ hit: true, value });
  });

  test('is not kept when it is undefined: nothing is known', async () => {
    const loader = jest.fn(async () => undefined);
    const resource = cache.resource('nothing', cacheAside<string, unknown>({ load: loader }));
    expect([await resource.get('1'), await resource.get('1')]).toEqual([undefined, undefined]);
    expect(loader).toHaveBeenCalledTimes(2);
    expect(await resource.peek('1')).toEqual({ hit: false });
  });

  test('is kept as null for negativeTtl', async () => {
    const strategy = cacheAside<string, User | null>({ load, ttl: '10s', negativeTtl: '1s' });
    const resource = cache.resource('user', strategy);
    await resource.getMany(['1', 'absent']);
    await clock.advance(999);
    await resource.getMany(['1', 'absent']);
    expect(load).toHaveBeenCalledTimes(2);
    await clock.advance(1);
    await resource.getMany(['1', 'absent']);
    expect(load.mock.calls.map(([id]) => id)).toEqual(['1', 'absent', 'absent']);
  });

  test('is not kept as null with a negativeTtl of nothing', async () => {
    const resource = cache.resource('user', cacheAside<string, User | null>({ load, negativeTtl: 0 }));
    await resource.get('absent');
    await resource.get('absent');
    expect(load).toHaveBeenCalledTimes(2);
  });

  test.each([
    [0, 10_000],
    [0.999999, 9_000],
  ])('lives between its ttl and a tenth less: with the random number %p, %p ms', async (random, life) => {
    const jittery = cacheOn(clock, { random: () => random, defaults: { jitter: 0.1 } });
    const resource = jittery.resource('user', cacheAside<string, User | null>({ load, ttl: '10s' }));
    await resource.get('1');
    await clock.advance(life - 1);
    expect((await resource.peek('1')).hit).toBe(true);
    await clock.advance(2);
    expect((await resource.peek('1')).hit).toBe(false);
  });

  test('lives as long as the loader says, carries its tags, or is not kept, as the loader says', async () => {
    let say = (_context: LoadContext<string>): void => undefined;
    const resource = cache.resource(
      'told',
      cacheAside<string, string>({
        ttl: '10s',
        tags: ['fixed'],
        load: (id, context) => {
          say(context);
          return `value of ${id}`;
        },
      }),
    );
    const isKept = async (): Promise<boolean> => (await resource.peek('1')).hit;
    say = (context) => context.setTtl('1s');
    await resource.get('1');
    await clock.advance(999);
    expect(await isKept()).toBe(true);
    await clock.advance(1);
    expect(await isKept()).toBe(false);

    say = (context) => context.setTtl(0, { staleWhileRevalidate: '1s', grace: '2s' });
    await resource.get('1');
    await clock.advance(1_999);
    expect(await resource.peek('1')).toMatchObject({ hit: true, state: 'stale' });
    await clock.advance(1);
    expect(await isKept()).toBe(false);

    say = (context) => context.setTags('own');
    for (const tag of ['own', 'fixed']) {
      await resource.get('1');
      await cache.invalidateTags(`not ${tag}`);
      expect(await isKept()).toBe(true);
      await cache.invalidateTags(tag);
      expect(await isKept()).toBe(false);
    }

    say = (context) => context.skip();
    expect(await resource.get('1')).toBe('value of 1');
    expect(await isKept()).toBe(false);
  });

  test('has a value that is not kept given to all who wait as safely as any other', async () => {
    const strategy = cacheAside<string, { n: number }>({
      load: (_id, context) => {
        context.skip();
        return { n: 1 };
      },
    });
    const skipping = cache.resource('skipping', strategy);
    const [first, second] = await Promise.all([skipping.get('1'), skipping.get('1')]);
    expect(() => {
      first.n = 2;
    }).toThrow(TypeError);
    expect(second).toEqual({ n: 1 });
  });

  test('may come in a Map by number or by text, as the source has its keys', async () => {
    const strategy = cacheAside<string, string | null>({
      loadMany: (ids) => new Map(ids.map((id) => [Number(id) as unknown as string, `value of ${id}`])),
    });
    const numbered = cache.resource('numbered', strategy);
    expect(await numbered.getMany(['1', '2'])).toEqual(['value of 1', 'value of 2']);
    expect(await numbered.get('3')).toBe('value of 3');
  });

  test.each([
    ['a ttl that is none', (context: LoadContext<string>) => context.setTtl('soon' as '1s'), 'INVALID_DURATION'],
    [
      'stale times that are none',
      (context: LoadContext<string>) => context.setTtl('1s', { grace: -1 }),
      'INVALID_DURATION',
    ],
    ['a tag that is empty', (context: LoadContext<string>) => context.setTags(''), 'INVALID_OPTION'],
  ])('is an error of the loader when it comes with %s', async (_name, say, code) => {
    const strategy = cacheAside<string, string>({
      load: (_id, context) => {
        say(context);
        return 'value';
      },
    });
    expect((await rejectionOf(cache.resource('told', strategy).get('1'))).code).toBe(code);
  });

  test('says how to write tags to who gives setTags an array', async () => {
    const load = (_id: string, { setTags }: LoadContext<string>): void => setTags(['a'] as unknown as string);
    const error = await rejectionOf(cache.resource('told', cacheAside({ load })).get('1'));
    expect(error.message).toContain('load: setTags takes tags as arguments');
  });

  test('has tags computed from it, except from null', async () => {
    const tags = jest.fn((user: User, id: string | number) => [`name:${user.name}`, `id:${id}`]);
    const resource = cache.resource('user', cacheAside<string, User | null>({ load, tags }));
    await resource.getMany(['1', '2', 'absent']);
    expect(tags).toHaveBeenCalledTimes(2);
    await cache.invalidateTags('name:Ann');
    expect([(await resource.peek('1')).hit, (await resource.peek('2')).hit]).toEqual([false, true]);
    await cache.invalidateTags('id:2');
    expect((await resource.peek('2')).hit).toBe(false);
  });

  test('reaches the caller although its tags cannot be computed, and an event tells why it is not kept', async () => {
    jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const told = heard(cache, 'unstorable');
    const tags = (): string[] => {
      throw new Error('no tags');
    };
    const resource = cache.resource('user', cacheAside<string, User | null>({ load, tags }));
    expect(await resource.get('1')).toEqual({ name: 'Ann' });
    expect(told[0]!.error.message).toContain('no tags');
    expect((await resource.peek('1')).hit).toBe(false);
  });
});

describe('the values of callers', () => {
  test('are kept apart: what one does to his changes nothing for the next, on a miss and on a hit', async () => {
    const value = () => ({ at: new Date(0), lines: new Map([['a', 1]]) });
    const resource = cache.resource(
      'cart',
      cacheAside<string, ReturnType<typeof value>>({ load: async () => value() }),
    );
    for (let i = 0; i < 3; i += 1) {
      const mine = await resource.get('1');
      expect(mine).toEqual(value());
      mine.at.setTime(1);
      mine.lines.clear();
    }
  });

  test('are kept apart among those who wait for one load', async () => {
    const { resource, loads } = slow();
    const both = Promise.all([resource.get('1'), resource.get('1')]) as Promise<Date[]>;
    loads[0]!.resolve(new Date(0));
    const [mine, yours] = await both;
    mine!.setTime(1);
    expect(yours).toEqual(new Date(0));
  });

  test('that are plain data are frozen, and those that a loader keeps are not', async () => {
    const own: User = { name: 'Ann' };
    const resource = cache.resource('user', cacheAside<string, User>({ load: async () => own }));
    for (const user of [await resource.get('1'), await resource.get('1')]) {
      expect(() => {
        user.name = 'Eve';
      }).toThrow(TypeError);
    }
    own.name = 'changed by the loader';
    expect(await resource.get('1')).toEqual({ name: 'Ann' });
  });

  test('that are instances are given and not kept, and that is told once as a warning and each time as an event', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    class Account {
      id = 1;
    }
    const told = heard(cache, 'unstorable');
    const resource = cache.resource('account', cacheAside<string, Account>({ load: async () => new Account() }));
    for (let i = 0; i < 2; i += 1) expect(await resource.get('1')).toBeInstanceOf(Account);
    expect(told).toHaveLength(2);
    expect(told[0]).toMatchObject({ resource: 'account', key: '1', error: { code: 'UNSTORABLE_VALUE', key: '1' } });
    expect(warn).toHaveBeenCalledTimes(1);
  });

  test('are instances again with revive, on a miss and on a hit', async () => {
    class Account {
      readonly name: string;
      constructor(name: string) {
        this.name = name;
      }
      get initial(): string {
        return this.name[0]!;
      }
    }
    const loader = jest.fn(async () => new Account('Ann'));
    const revive = ({ name }: { name: string }) => new Account(name);
    const resource = cache.resource('account', cacheAside<string, Account>({ load: loader, revive }));
    const found = [await resource.get('1'), await resource.get('1')];
    expect(found.map((account) => [account instanceof Account, account.initial])).toEqual([
      [true, 'A'],
      [true, 'A'],
    ]);
    expect(found[0]).not.toBe(found[1]);
    expect(loader).toHaveBeenCalledTimes(1);
  });
});

describe('getMany', () => {
  test('loads what is missing by one call, and gives values in the order of the keys', async () => {
    const loadMany = jest.fn(async (ids: readonly string[]) => ids.map((id) => db.get(id) ?? null));
    const resource = cache.resource('user', cacheAside<string, User | null>({ loadMany }));
    await resource.get('2');
    expect(await resource.getMany(['1', '2', 'absent', '1'])).toEqual([
      { name: 'Ann' },
      { name: 'Bob' },
      null,
      { name: 'Ann' },
    ]);
    expect(loadMany.mock.calls.map(([ids]) => ids)).toEqual([['2'], ['1', 'absent']]);
    await resource.getMany(['1', '2', 'absent']);
    expect(loadMany).toHaveBeenCalledTimes(2);
  });

  test('of nothing gives nothing, and loads nothing', async () => {
    expect(await users().getMany([])).toEqual([]);
    expect(load).not.toHaveBeenCalled();
  });

  test('takes a number and its text as one key', async () => {
    const loadMany = jest.fn(async (ids: readonly (string | number)[]) => ids.map(() => 'value'));
    const resource = cache.resource('mixed', cacheAside<string | number, string>({ loadMany }));
    expect(await resource.getMany([1, '1', 2])).toEqual(['value', 'value', 'value']);
    expect(loadMany.mock.calls[0]![0]).toHaveLength(2);
  });

  test('takes a key that a Map lacks for one that is known not to exist, and keeps that', async () => {
    const loadMany = jest.fn(async () => new Map([['1', 'one']]));
    const resource = cache.resource(
      'user',
      cacheAside<string, string | null>({ loadMany, ttl: '1h', negativeTtl: '10s' }),
    );
    expect(await resource.getMany(['1', '2'])).toEqual(['one', null]);
    expect([await resource.get('2'), await resource.peek('2')]).toMatchObject([null, { hit: true, value: null }]);
    expect(loadMany).toHaveBeenCalledTimes(1);
    await clock.advance(10_000);
    await resource.get('2');
    expect(loadMany).toHaveBeenCalledTimes(2);
  });

  test('gives an undefined that it is given, and keeps nothing of it', async () => {
    const inArray = cache.resource(
      'array',
      cacheAside({ loadMany: (ids: readonly string[]) => ids.map(() => undefined) }),
    );
    const map = new Map<string, string | null | undefined>([['1', undefined]]);
    const inMap = cache.resource('map', cacheAside({ loadMany: (_ids: readonly string[]) => map }));
    expect([await inArray.getMany(['1']), await inMap.getMany(['1'])]).toEqual([[undefined], [undefined]]);
    expect([await inArray.peek('1'), await inMap.peek('1')]).toEqual([{ hit: false }, { hit: false }]);
  });

  test('has the type of what may be missing', async () => {
    const found = new Map<string, User>();
    const inMap = cache.resource(
      'map',
      cacheAside({ load: async (_id: string): Promise<User | null> => null, loadMany: () => found }),
    );
    const inArray = cache.resource(
      'array',
      cacheAside({ loadMany: (ids: readonly string[]) => ids.map((id) => found.get(id)) }),
    );
    const [one, other]: [User | null, User | undefined] = [await inMap.get('1'), await inArray.get('1')];
    expect([one, other]).toEqual([null, undefined]);
    // @ts-expect-error What a Map lacks is null.
    const never: User = await inMap.get('1');
    expect(never).toBeNull();
    // @ts-expect-error A resource of Users has no null to give for what a Map lacks.
    cacheAside<string, User>({ loadMany: () => found });
    // @ts-expect-error Nor has it undefined.
    cacheAside<string, User>({ loadMany: (ids) => ids.map((id) => found.get(id)) });
  });

  test('rejects with what the loader threw, once, and keeps nothing', async () => {
    const error = new Error('down');
    const loadMany = jest.fn(() => Promise.reject(error));
    const resource = cache.resource('user', cacheAside<string, User>({ loadMany }));
    await expect(resource.getMany(['1', '2', '3'])).rejects.toBe(error);
    expect(loadMany).toHaveBeenCalledTimes(1);
    expect((await resource.peek('1')).hit).toBe(false);
  });

  test('rejects with INVALID_LOAD when the loader answers with too few values', async () => {
    const resource = cache.resource('user', cacheAside<string, User>({ loadMany: async () => [] }));
    expect((await rejectionOf(resource.getMany(['1', '2']))).code).toBe('INVALID_LOAD');
  });

  test.each([undefined, null, '12', new Set(['1']), { 0: '1', length: 1 }])(
    'refuses %p as a list of keys',
    async (keys) => {
      expect((await rejectionOf(users().getMany(keys as unknown as string[]))).code).toBe('INVALID_KEY');
    },
  );
});

describe('peek', () => {
  test('tells what is there and how old it is, and never loads', async () => {
    const resource = users();
    expect(await resource.peek('1')).toEqual({ hit: false });
    expect(load).not.toHaveBeenCalled();
    await resource.get('1');
    await clock.advance(1_500);
    expect(await resource.peek('1')).toEqual({
      hit: true,
      value: { name: 'Ann' },
      age: 1_500,
      state: 'fresh',
      tier: 'memory',
    });
    expect(load).toHaveBeenCalledTimes(1);
  });
});

describe('put', () => {
  test('caches what the source is known to have, and keeps a copy of its own', async () => {
    const resource = users();
    const user = { name: 'New' };
    const done = resource.put('9', user);
    user.name = 'changed while it was put';
    await done;
    user.name = 'changed after';
    expect(await resource.get('9')).toEqual({ name: 'New' });
    expect(load).not.toHaveBeenCalled();
    expect(Object.isFrozen(user)).toBe(false);
  });

  test('takes null, and refuses undefined with what to write instead', async () => {
    const resource = users();
    await resource.put('9', null);
    expect(await resource.get('9')).toBeNull();
    const error = await rejectionOf(resource.put('9', undefined as unknown as null));
    expect(error).toMatchObject({ code: 'UNDEFINED_VALUE', resource: 'user' });
    expect(error.message).toContain('write null for "known not to exist", or call evict');
  });

  test('wins over a load that began before it', async () => {
    const { resource, loads } = slow();
    const old = resource.get('1');
    await resource.put('1', 'new');
    loads[0]!.resolve('old');
    expect(await old).toBe('old');
    expect(await resource.get('1')).toBe('new');
  });
});

describe('evict', () => {
  test('has the next read load again', async () => {
    const resource = users();
    await resource.get('1');
    db.set('1', { name: 'Eve' });
    expect(await resource.evict('1')).toBe('done');
    expect(await resource.get('1')).toEqual({ name: 'Eve' });
  });

  test('is not undone by a load that began before it, and later readers do not join that', async () => {
    const { resource, loads } = slow();
    const before = resource.get('1');
    await resource.evict('1');
    const after = resource.get('1');
    loads[1]!.resolve('new');
    expect(await after).toBe('new');
    loads[0]!.resolve('old');
    expect(await before).toBe('old');
    await clock.advance(0);
    expect(await resource.get('1')).toBe('new');
    expect(loads).toHaveLength(2);
  });

  test('touches no other key', async () => {
    const resource = users();
    await resource.getMany(['1', '2']);
    await resource.evict('1');
    expect((await resource.peek('2')).hit).toBe(true);
  });
});

describe('mutate', () => {
  test('forgets what was cached before the change begins, so that a crash half way leaves nothing stale', async () => {
    const resource = users();
    await resource.get('1');
    await resource.mutate('1', async () => {
      expect((await resource.peek('1')).hit).toBe(false);
    });
  });

  test('gives what the change gives, and the very next read shows the change', async () => {
    const resource = users();
    await resource.get('1');
    expect(
      await resource.mutate('1', async () => {
        db.set('1', { name: 'Eve' });
        return 'renamed';
      }),
    ).toBe('renamed');
    expect(await resource.get('1')).toEqual({ name: 'Eve' });
  });

  test('leaves nothing of what a reader loaded while the change was under way', async () => {
    const { resource, loads } = slow();
    const changing = deferred<string>();
    const mutated = resource.mutate('1', () => changing.promise);
    const during = resource.get('1');
    loads[0]!.resolve('old');
    expect(await during).toBe('old');
    expect((await resource.peek('1')).hit).toBe(false);
    changing.resolve('done');
    await mutated;
    expect((await resource.peek('1')).hit).toBe(false);
  });

  test('leaves nothing of a load that began during the change and ends after it', async () => {
    const { resource, loads } = slow();
    const changing = deferred();
    const mutated = resource.mutate('1', () => changing.promise);
    const during = resource.get('1');
    changing.resolve();
    await mutated;
    loads[0]!.resolve('old');
    expect(await during).toBe('old');
    await clock.advance(0);
    expect((await resource.peek('1')).hit).toBe(false);
  });

  test.each([
    ['rejects', (error: Error) => Promise.reject(error)],
    [
      'throws',
      (error: Error): never => {
        throw error;
      },
    ],
  ])(
    'rejects as a change that %s, and leaves the key empty, since nobody knows what was changed',
    async (_name, fail) => {
      const resource = users();
      await resource.get('1');
      const error = new Error('constraint');
      await expect(resource.mutate('1', () => fail(error))).rejects.toBe(error);
      expect((await resource.peek('1')).hit).toBe(false);
      expect(await resource.get('1')).toEqual({ name: 'Ann' });
      expect((await resource.peek('1')).hit).toBe(true);
    },
  );
});

describe('clear', () => {
  test('forgets all of the resource, and nothing else', async () => {
    const resource = users();
    const other = cache.resource('other', cacheAside<string, string>({ load: (id) => id }));
    await resource.getMany(['1', '2']);
    await other.get('1');
    expect(await resource.clear()).toBe('done');
    expect([(await resource.peek('1')).hit, (await resource.peek('2')).hit]).toEqual([false, false]);
    expect((await other.peek('1')).hit).toBe(true);
  });

  test('is not undone by a load that began before it, and later readers do not join that', async () => {
    const { resource, loads } = slow();
    const before = resource.get('1');
    await resource.clear();
    loads[0]!.resolve('old');
    expect(await before).toBe('old');
    await clock.advance(0);
    const after = resource.get('1');
    expect(loads).toHaveLength(2);
    loads[1]!.resolve('new');
    expect(await after).toBe('new');
  });

  test('is not undone by a put that was under way', async () => {
    const resource = users();
    const put = resource.put('1', { name: 'old' });
    await resource.clear();
    await put;
    expect(await resource.get('1')).toEqual({ name: 'Ann' });
  });
});

describe('options', () => {
  const make = (options: object) => () => cache.resource('user', cacheAside(options as { load: () => string }));

  test.each([
    [{}, 'INVALID_OPTION', 'needs `load`'],
    [{ laod: load }, 'UNKNOWN_OPTION', "did you mean 'load'?"],
    [{ load: 'SELECT' }, 'INVALID_OPTION', 'cacheAside: load must be a function, not string'],
    [{ load: () => 1, ttl: 'soon' }, 'INVALID_DURATION', 'cacheAside: ttl'],
    [{ load: () => 1, ttl: 0 }, 'INVALID_OPTION', 'cacheAside: ttl must be longer than zero'],
    [{ load: () => 1, negativeTtl: -1 }, 'INVALID_DURATION', 'cacheAside: negativeTtl'],
    [{ load: () => 1, jitter: 2 }, 'INVALID_OPTION', 'cacheAside: jitter'],
    [{ load: () => 1, tags: 'org' }, 'INVALID_OPTION', "such as ['org:7']"],
    [{ load: () => 1, tags: [''] }, 'INVALID_OPTION', "such as ['org:7']"],
    [{ load: () => 1, isolation: 'copy' }, 'INVALID_OPTION', "'freeze' or 'clone' or 'shared'"],
    [{ load: () => 1, dehydrate: () => 1 }, 'INVALID_OPTION', 'without `revive`'],
    [{ load: () => 1, revive: () => 1, isolation: 'shared' }, 'INVALID_OPTION', 'both `revive` and `isolation`'],
  ])('%p are refused at once with %s', (options, code, sentence) => {
    const error = thrownBy(make(options));
    expect(error).toBeInstanceOf(CacheError);
    expect(error.code).toBe(code);
    expect(error.message).toContain(sentence);
  });
});

describe('what others get wrong', () => {
  test('a memory store that throws costs hits, not answers, and nothing is left unhandled', async () => {
    class BrokenSegment extends PlainSegment {
      override set(): never {
        throw new Error('broken');
      }
    }
    const broken = cacheOn(clock, { tiers: [storeOf(() => new BrokenSegment())()] });
    const resource = broken.resource('user', cacheAside<string | number, User | null>({ load }));
    const told = heard(broken, 'unstorable');
    for (let i = 0; i < 3; i += 1) expect(await resource.get('1')).toEqual({ name: 'Ann' });
    expect(told).toHaveLength(3);
  });

  test('a revive that throws rejects on a hit as it does on a miss', async () => {
    const resource = cache.resource(
      'revived',
      cacheAside<string, object>({
        load: () => ({}),
        revive: () => {
          throw new Error('cannot be made');
        },
      }),
    );
    for (let i = 0; i < 2; i += 1) await expect(resource.get('1')).rejects.toThrow('cannot be made');
  });

  test('a tags function that throws has the value given out as safely as any other, and not kept', async () => {
    const resource = cache.resource(
      'tagged',
      cacheAside<string, { n: number }>({
        load: () => ({ n: 1 }),
        tags: () => {
          throw new Error('no tags');
        },
      }),
    );
    const [first, second] = await Promise.all([resource.get('1'), resource.get('1')]);
    expect(() => (first.n = 2)).toThrow(TypeError);
    expect(second).toEqual({ n: 1 });
    expect(await resource.peek('1')).toEqual({ hit: false });
  });

  test('an error with fields of its own is not kept, since a copy of it would have lost them', async () => {
    const error = Object.assign(new Error('no'), { code: 'E_NO' });
    const resource = cache.resource('error', cacheAside<string, Error>({ load: () => error }));
    expect(await resource.get('1')).toHaveProperty('code', 'E_NO');
    expect(await resource.get('1')).toHaveProperty('code', 'E_NO');
  });
});

test('a loader may take what it is told with out of its object', async () => {
  const resource = cache.resource(
    'destructured',
    cacheAside<string, number>({
      load: (_id, { setTtl, setTags }) => {
        setTtl('1s');
        setTags('t');
        return 1;
      },
    }),
  );
  await resource.get('1');
  expect((await resource.peek('1')).hit).toBe(true);
  await cache.invalidateTags('t');
  expect((await resource.peek('1')).hit).toBe(false);
});
