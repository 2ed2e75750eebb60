import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { atOnce, inBatches, remote } from '../../../src/readers/redis/remote.ts';

const keys = Array.from({ length: 2 * atOnce + 1 }, (_, id) => `key ${id}`);

test('keys are asked for in batches, the last of which may be smaller, and none is left out', () => {
  const batches = inBatches(keys);
  expect(batches.map(({ length }) => length)).toEqual([atOnce, atOnce, 1]);
  expect(batches.flat()).toEqual(keys);
});

test('a reader has as many gets in flight as there are keys, one where it reads one by one, and a batch where it fills', async () => {
  let [flying, most] = [0, 0];
  const reader = remote('reader', async (key) => {
    flying += 1;
    most = Math.max(most, flying);
    await Promise.resolve();
    flying -= 1;
    return key;
  });
  const mostOf = async (work: () => Promise<unknown> | void | undefined): Promise<number> => {
    most = 0;
    await work();
    return most;
  };
  expect(await reader.together(keys)).toEqual(keys);
  expect(await mostOf(() => reader.together(keys))).toBe(keys.length);
  expect(await mostOf(() => reader.read(keys))).toBe(1);
  expect(await mostOf(() => reader.fill?.(keys))).toBe(atOnce);
});

test('in flight, the next key is asked for when any has come; a batch that is got as one is followed by another when it has', async () => {
  const asked: string[] = [];
  const waiting: (() => void)[] = [];
  const get = (key: string): Promise<void> => {
    asked.push(key);
    return new Promise((resolve) => waiting.push(resolve));
  };
  const answer = async (): Promise<void> => {
    waiting.shift()!();
    await turn();
  };
  const all = remote('reader', get).inFlight(inBatches(keys));
  expect(asked).toEqual(keys.slice(0, atOnce));
  await answer();
  expect(asked).toEqual(keys.slice(0, atOnce + 1));
  while (waiting.length > 0) await answer();
  await all;
  expect(asked).toEqual(keys);

  const batches: number[] = [];
  await remote('batches', get, async (some) => (batches.push(some.length), [...some])).inFlight(inBatches(keys));
  expect(batches).toEqual([atOnce, atOnce, 1]);
});
