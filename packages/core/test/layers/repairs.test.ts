import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { type RepairCrew, Repairs } from '../../src/layers/repairs.ts';
import { type Deferred, deferred } from '../support/deferred.ts';

/** A crew that notes what it is told to delete, and does it at once. */
function crew(): RepairCrew & { readonly sent: string[][] } {
  const sent: string[][] = [];
  const note = async (batch: readonly string[]): Promise<void> => void sent.push([...batch]);
  return { sent, tags: note, addresses: note, marker: (...marker) => note(marker) };
}

/** A crew whose deletions of addresses arrive when the test says so. */
function slowCrew(): RepairCrew & { readonly sent: string[][]; readonly replies: Deferred<void>[] } {
  const { sent, tags, marker } = crew();
  const replies: Deferred<void>[] = [];
  const addresses = (batch: readonly string[]): Promise<void> => {
    sent.push([...batch]);
    replies.push(deferred());
    return replies.at(-1)!.promise;
  };
  return { sent, replies, tags, marker, addresses };
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `k${index}`);

describe('a deletion that is owed', () => {
  test('makes its address suspect, and no other, until it has been sent', async () => {
    const repairs = new Repairs(10, '*');
    repairs.addAddresses(['a']);
    expect([repairs.isSuspect('a'), repairs.isSuspect('b'), repairs.pending]).toEqual([true, false, 1]);
    const { sent, ...rest } = crew();
    await repairs.run({ ...rest });
    expect(sent).toEqual([['a']]);
    expect([repairs.isSuspect('a'), repairs.pending]).toEqual([false, 0]);
  });

  test('is owed once, however often it was asked for', async () => {
    const repairs = new Repairs(10, '*');
    for (let i = 0; i < 5; i += 1) repairs.addAddresses(['a', 'b']);
    expect(repairs.pending).toBe(2);
    const { sent, ...rest } = crew();
    await repairs.run(rest);
    expect(sent).toEqual([['a', 'b']]);
  });

  test('of a tag goes before those of addresses', async () => {
    const repairs = new Repairs(10, '*');
    repairs.addAddresses(['a']);
    repairs.addTags(['#t']);
    const { sent, ...rest } = crew();
    await repairs.run(rest);
    expect(sent).toEqual([['#t'], ['a']]);
  });

  test('goes in batches that a store can swallow', async () => {
    const repairs = new Repairs(10_000, '*');
    repairs.addAddresses(numbered(1_200));
    const { sent, ...rest } = crew();
    await repairs.run(rest);
    expect(sent.map((batch) => batch.length)).toEqual([500, 500, 200]);
    expect(new Set(sent.flat())).toEqual(new Set(numbered(1_200)));
  });

  test('stays owed when the store fails, with all that follow it', async () => {
    const repairs = new Repairs(10_000, '*');
    repairs.addAddresses(numbered(1_200));
    const error = new Error('ECONNRESET');
    let calls = 0;
    const addresses = async (): Promise<void> => {
      calls += 1;
      if (calls === 2) throw error;
    };
    await expect(repairs.run({ ...crew(), addresses })).rejects.toBe(error);
    expect(repairs.pending).toBe(700);
    expect([repairs.isSuspect('k0'), repairs.isSuspect('k500'), repairs.isSuspect('k1199')]).toEqual([
      false,
      true,
      true,
    ]);
  });
});

describe('while deletions are sent', () => {
  test('an address that is evicted once more stays owed: 1 DEL leaves, 2 evicted again, 3 the reply', async () => {
    const repairs = new Repairs(10, '*');
    repairs.addAddresses(['a', 'b']);
    const { sent, replies, ...rest } = slowCrew();
    const run = repairs.run(rest);
    await turn();
    repairs.addAddresses(['a']);
    replies[0]!.resolve();
    await turn();
    await run;
    expect([repairs.isSuspect('a'), repairs.isSuspect('b')]).toEqual([true, false]);
    const again = repairs.run(rest);
    await turn();
    expect(sent).toEqual([['a', 'b'], ['a']]);
    replies[1]!.resolve();
    await again;
    expect(repairs.pending).toBe(0);
  });

  test('they come to an end although more are owed all the time, which are left for the next run', async () => {
    const repairs = new Repairs(10, '*');
    repairs.addAddresses(['a']);
    let count = 0;
    const addresses = async (): Promise<void> => repairs.addAddresses([`more ${(count += 1)}`]);
    await repairs.run({ ...crew(), addresses });
    expect(repairs.pending).toBe(1);
    expect([repairs.isSuspect('a'), repairs.isSuspect('more 1')]).toEqual([false, true]);
  });

  test('a tag that comes stays owed, and goes first the next time', async () => {
    const repairs = new Repairs(10, '*');
    repairs.addAddresses(['a']);
    const { sent, replies, ...rest } = slowCrew();
    const run = repairs.run(rest);
    await turn();
    repairs.addTags(['#t']);
    replies[0]!.resolve();
    await run;
    expect(repairs.pending).toBe(1);
    await repairs.run(rest);
    expect(sent).toEqual([['a'], ['#t']]);
    expect(repairs.pending).toBe(0);
  });

  test('more than can be remembered becomes one of everything, which stays owed', async () => {
    const repairs = new Repairs(2, '*');
    repairs.addAddresses(['a']);
    const { sent, replies, ...rest } = slowCrew();
    const run = repairs.run(rest);
    await turn();
    repairs.addAddresses(['b', 'c', 'd']);
    expect(repairs.isSuspect('anything')).toBe(true);
    replies[0]!.resolve();
    await run;
    expect(repairs.isSuspect('anything')).toBe(true);
    await repairs.run(rest);
    expect(sent).toEqual([['a'], ['*']]);
    expect(repairs.isSuspect('anything')).toBe(false);
  });
});

describe('more deletions than can be remembered', () => {
  test.each([
    ['addresses', (repairs: Repairs, names: readonly string[]) => repairs.addAddresses(names)],
    ['tags', (repairs: Repairs, names: readonly string[]) => repairs.addTags(names)],
  ])('of %s become one of everything', async (_name, add) => {
    const repairs = new Repairs(10, '*');
    add(repairs, numbered(10));
    expect(repairs.pending).toBe(10);
    expect(repairs.isSuspect('unheard of')).toBe(false);
    add(repairs, ['one more']);
    expect(repairs.pending).toBe(1);
    expect(repairs.isSuspect('unheard of')).toBe(true);
    const { sent, ...rest } = crew();
    await repairs.run(rest);
    expect(sent).toEqual([['*']]);
    expect(repairs.isSuspect('unheard of')).toBe(false);
  });
});

test('markers whose writers are done are taken away last, each with its own token', async () => {
  const repairs = new Repairs(10, 'everything');
  repairs.addMarker('user:an id with spaces', 'token');
  repairs.addAddresses(['user:1']);
  repairs.addTags(['t']);
  expect(repairs.pending).toBe(3);
  const { sent, ...rest } = crew();
  await repairs.run(rest);
  expect(sent).toEqual([['t'], ['user:1'], ['user:an id with spaces', 'token']]);
  expect(repairs.pending).toBe(0);
});
