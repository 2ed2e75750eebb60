import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Cache, cacheAside, createCache, type StandardSchema } from '@cache/core';
import { ManualClock, SharedStoreModel } from '@cache/core/testing';
import { cacheOn, heard } from '../support/memory-cache.ts';
import { thrownBy } from '../support/failure.ts';

interface User {
  readonly id: string;
  readonly name?: string;
}

/** What a validator makes of "an object with a name". */
const named: StandardSchema = {
  '~standard': {
    version: 1,
    validate: (value: unknown) =>
      typeof (value as User).name === 'string'
        ? { value }
        : { issues: [{ message: 'secret', path: [{ key: 'name' }] }] },
  },
};

let clock: ManualClock;
let model: SharedStoreModel;
let loads: number;
beforeEach(() => {
  clock = new ManualClock();
  model = new SharedStoreModel(clock);
  loads = 0;
});

const process = (): Cache => cacheOn(clock, { tiers: [model.store()] });
const users = (cache: Cache, value: User, schema?: StandardSchema) =>
  cache.resource(
    'user',
    cacheAside({
      load: async (_id: string): Promise<User | null> => {
        loads += 1;
        return value;
      },
      ...(schema && { schema }),
    }),
  );

describe('a schema', () => {
  test('lets pass what another process has stored in the right shape', async () => {
    await users(process(), { id: '7', name: 'Ann' }).get('7');
    expect(await users(process(), { id: '7' }, named).get('7')).toEqual({ id: '7', name: 'Ann' });
    expect(loads).toBe(1);
  });

  test('makes a miss of what is not, tells where it is wrong and no value, and has it replaced', async () => {
    await users(process(), { id: '7' }).get('7');
    const cache = process();
    const told = heard(cache, 'invalidValue');
    const here = users(cache, { id: '7', name: 'Ann' }, named);
    expect(await here.get('7')).toEqual({ id: '7', name: 'Ann' });
    expect(await here.peek('7')).toMatchObject({ hit: true, value: { name: 'Ann' } });
    expect(told).toMatchObject([{ resource: 'user', key: '7', error: { code: 'INVALID_VALUE' } }]);
    expect(told[0]!.error.message).toContain('at name');
    expect(told[0]!.error.message).not.toContain('secret');
  });

  test('is not asked of null, nor of what a loader brings', async () => {
    const cache = process();
    expect(await users(cache, { id: '7' }, named).get('7')).toEqual({ id: '7' });
    const nobody = cache.resource('nobody', cacheAside({ load: (_id: string) => null, schema: named }));
    await nobody.get('7');
    expect(await nobody.peek('7')).toMatchObject({ hit: true, value: null });
  });

  test.each([5, {}, { '~standard': {} }, 'zod'])('%p is none', (schema) => {
    expect(thrownBy(() => users(process(), { id: '7' }, schema as StandardSchema)).message).toContain(
      'Standard Schema',
    );
  });
});

class Account {
  readonly balance: number = 0;
  get rich(): boolean {
    return this.balance > 1_000;
  }
}

describe('a type', () => {
  const accounts = (cache: Cache) =>
    cache.resource(
      'account',
      cacheAside({
        load: async (_id: string) => Object.assign(new Account(), { balance: 5_000, since: new Date(5) }),
        type: () => Account,
      }),
    );

  test.each([
    ['memory', () => createCache()],
    ['a shared tier', () => createCache({ tiers: [model.store()] })],
  ])('gives back instances out of %s, after a load and after a hit alike', async (_tier, make) => {
    const resource = accounts(make());
    for (const account of [
      await resource.get('7'),
      await resource.get('7'),
      resource.peekLocal('7') ?? (await resource.get('7')),
    ]) {
      expect(account).toBeInstanceOf(Account);
      expect(account.rich).toBe(true);
      expect(account.since).toEqual(new Date(5));
    }
  });

  test('gives back arrays of instances, and null as null', async () => {
    const cache = createCache();
    const all = cache.resource(
      'all',
      cacheAside({
        load: async (id: string) => (id === 'none' ? null : [new Account(), new Account()]),
        type: () => Account,
      }),
    );
    await all.get('some');
    expect((await all.get('some'))?.every((each) => each instanceof Account)).toBe(true);
    expect(await all.get('none')).toBeNull();
  });

  test('that is changed by a caller is as it was for the next', async () => {
    const resource = accounts(createCache());
    Object.assign(await resource.get('7'), { balance: 0 });
    expect((await resource.get('7')).balance).toBe(5_000);
  });

  test.each<[string, unknown]>([
    ['a class', Account],
    ['a class of the language', Date],
    ['the name of one', 'Account'],
  ])('that is %s itself is refused at once, with what to write', (_what, type) => {
    const error = thrownBy(() => cacheAside({ load: () => new Account(), type: type as () => typeof Account }));
    expect([error.code, error.message]).toEqual(['INVALID_OPTION', expect.stringContaining('type: () => User')]);
  });

  test('may be given by a function of any kind', async () => {
    const type = function () {
      return Account;
    };
    const all = createCache().resource('all', cacheAside({ load: (_id: string) => ({ balance: 1 }), type }));
    expect(await all.get('7')).toBeInstanceOf(Account);
  });

  test('and revive are two ways to say one thing', () => {
    const both = { load: () => new Account(), type: () => Account, revive: () => new Account() };
    expect(thrownBy(() => createCache().resource('account', cacheAside(both))).message).toContain('`revive` alone');
  });
});
