import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { YoungMap } from '../../src/engine/young-map.ts';

type AnyMap = Pick<YoungMap<number, object>, 'set' | 'delete'>;

test('holds what was set last and not deleted since, however much comes and goes', () => {
  const map = new YoungMap<number, number>();
  const expected = new Map<number, number>();
  for (let at = 0; at < 10_000; at += 1) {
    for (const each of [map, expected]) {
      each.set(at % 3_000, at);
      if (at % 7 !== 0) each.delete(at - 50);
    }
  }
  expect(map.size).toBe(expected.size);
  expect(map.entries()).toEqual([...expected]);
  for (let key = 0; key < 3_000; key += 1) {
    expect([map.has(key), map.get(key)]).toEqual([expected.has(key), expected.get(key)]);
  }
});

test('tells of what there was, whatever is added or deleted meanwhile', () => {
  const map = new YoungMap<number, string>();
  map.set(1, 'one');
  map.set(2, 'two');
  const told: string[] = [];
  for (const [key, value] of map.entries()) {
    told.push(value);
    map.delete(2);
    map.set(key + 10, 'more');
  }
  expect(told).toEqual(['one', 'two']);
});

test('keeps little of what has come and gone from being collected young', () => {
  const young = promotedBy(new YoungMap());
  const ordinary = promotedBy(new Map<number, object>());
  expect(young).toBeLessThan(ordinary / 2);
});

/** How many bytes grow old while a hundred are in the map at any time, and each soon leaves it. */
function promotedBy(map: AnyMap): number {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as (options?: { readonly type: 'minor' }) => void;
  const hundred = (from: number, act: (at: number) => void): void => {
    for (let at = from; at < from + 100; at += 1) act(at);
  };
  hundred(0, (at) => map.set(at, {}));
  gc();
  const before = oldBytes();
  for (let from = 100; from < 20_000; from += 100) {
    hundred(from, (at) => {
      map.set(at, {});
      map.delete(at - 100);
    });
    if (from % 1_000 === 0) gc({ type: 'minor' });
  }
  return oldBytes() - before;
}

function oldBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'old_space')!.space_used_size;
}
