import { AsyncLocalStorage } from 'node:async_hooks';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Cache, createCache } from '@cache/core';
import { ManualClock } from '@cache/core/testing';
import { Cached, cacheOf, CacheResource, Evicts, Updates } from '../../src/index.ts';

const tenants = new AsyncLocalStorage<string | number>();
const as = <T>(tenant: string | number, work: () => T): T => tenants.run(tenant, work);

let clock: ManualClock;
let cache: Cache;
let asked: string[];
let notes: Notes;

beforeEach(() => {
  clock = new ManualClock();
  cache = createCache({ clock });
  asked = [];
  notes = new Notes();
});

@CacheResource({ name: 'note', cache: () => cache, scope: () => tenants.getStore(), ttl: '1m', jitter: 0 })
class Notes {
  @Cached({ key: (id: string) => id, staleWhileRevalidate: '1m' })
  async find(id: string): Promise<string> {
    asked.push(`${tenants.getStore()} ${id}`);
    return `${id} of ${tenants.getStore()}`;
  }

  @Updates({ keyBefore: (id: string) => id })
  async rename(id: string, name: string): Promise<string> {
    return `${id} ${name}`;
  }

  @Updates({ key: (_note: string, id: string) => id })
  async replace(id: string, name: string): Promise<string> {
    return `${id} ${name}`;
  }

  @Evicts({ key: (id: string) => id })
  async remove(_id: string): Promise<void> {
    await Promise.resolve();
  }

  @Evicts({ all: true })
  async reset(): Promise<void> {
    await Promise.resolve();
  }

  @Cached({ name: 'note.public', scope: () => 'everybody', key: (id: string) => id })
  async shared(id: string): Promise<string> {
    asked.push(`${tenants.getStore()} ${id}`);
    return id;
  }
}

describe('a scope', () => {
  test('gives each tenant values of its own', async () => {
    const [first, second] = await Promise.all([as('a', () => notes.find('1')), as('b', () => notes.find('1'))]);
    expect([first, second]).toEqual(['1 of a', '1 of b']);
    expect(await as('a', () => notes.find('1'))).toBe('1 of a');
    expect(asked).toEqual(['a 1', 'b 1']);
  });

  test('is that of @Evicts, @Updates and cacheOf too', async () => {
    const peek = (tenant: string) => as(tenant, () => cacheOf(notes, 'find').peek('1'));
    for (const tenant of ['a', 'b']) await as(tenant, () => notes.find('1'));
    await as('a', () => notes.remove('1'));
    expect([(await peek('a')).hit, (await peek('b')).hit]).toEqual([false, true]);
    await as('a', () => notes.rename('1', 'renamed'));
    expect([await peek('a'), await peek('b')]).toMatchObject([{ value: '1 renamed' }, { value: '1 of b' }]);
    await as('b', () => notes.replace('1', 'replaced'));
    expect([await peek('a'), await peek('b')]).toMatchObject([{ value: '1 renamed' }, { value: '1 replaced' }]);
    await as('b', () => cacheOf(notes, 'find').evict('1'));
    expect([(await peek('a')).hit, (await peek('b')).hit]).toEqual([true, false]);
    expect(as(7, () => cacheOf(notes, 'find').key('1'))).toBe('7/1');
  });

  test('never takes one tenant for another, whatever they and their keys are called', async () => {
    const pairs = [
      ['a', 'b/c'],
      ['a/b', 'c'],
      ['a%2Fb', 'c'],
      ['a%', '2Fb/c'],
    ] as const;
    for (const [tenant, id] of pairs) await as(tenant, () => notes.find(id));
    expect(asked).toHaveLength(pairs.length);
  });

  test('of a method stands instead of that of its class', async () => {
    await as('a', () => notes.shared('1'));
    await as('b', () => notes.shared('1'));
    expect(asked).toEqual(['a 1']);
  });

  test('is the one a value is loaded for, in the background too', async () => {
    for (const tenant of ['a', 'b']) await as(tenant, () => notes.find('1'));
    await clock.advance(61_000);
    expect(await as('b', () => notes.find('1'))).toBe('1 of b');
    await clock.advance(1);
    expect(asked).toEqual(['a 1', 'b 1', 'b 1']);
  });

  test('that gives nothing rejects the call, which would be given what belongs to somebody', async () => {
    const nobody = { code: 'INVALID_OPTION', message: expect.stringMatching(/scope gave undefined.*storage\.run/) };
    await expect(notes.find('1')).rejects.toMatchObject(nobody);
    await expect(notes.remove('1')).rejects.toMatchObject(nobody);
    await expect(notes.rename('1', 'x')).rejects.toMatchObject(nobody);
    await expect(cacheOf(notes, 'find').peek('1')).rejects.toMatchObject(nobody);
    await expect(as('', () => notes.find('1'))).rejects.toThrow(/scope gave ''/);
    expect(asked).toEqual([]);
  });

  test('makes no key of what is none', async () => {
    for (const id of ['', undefined, NaN, {}] as string[]) {
      await expect(as('a', () => notes.find(id))).rejects.toMatchObject({ code: 'INVALID_KEY' });
    }
  });

  test('does not bound `all`, which is the whole resource', async () => {
    for (const tenant of ['a', 'b']) await as(tenant, () => notes.find('1'));
    await as('a', () => notes.reset());
    await as('b', () => notes.find('1'));
    expect(asked).toHaveLength(3);
  });
});
