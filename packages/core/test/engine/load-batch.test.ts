import { describe, expect, jest, test } from '@jest/globals';
import { LoadBatch, loadOne } from '../../src/engine/load-batch.ts';
import { LoadNotes } from '../../src/engine/load-notes.ts';
import type { ManyLoaded } from '../../src/engine/source.ts';
import { rejectionOf } from '../support/failure.ts';

const notes = (key: string): LoadNotes<string> => new LoadNotes(key);
const doubled = async (keys: readonly string[]): Promise<string[]> => keys.map((key) => key + key);
const seatsOf = (batch: LoadBatch<string>, count: number) => Array.from({ length: count }, () => batch.seat());

describe('a batch', () => {
  test('loads by one call what its keys need, once every key is decided', async () => {
    const loadMany = jest.fn(doubled);
    const [a, b, c] = seatsOf(new LoadBatch({ loadMany }, 3), 3);
    const answers = [a!.load(notes('a')), c!.load(notes('c'))];
    expect(loadMany).not.toHaveBeenCalled();
    b!.leave();
    expect(await Promise.all(answers)).toEqual(['aa', 'cc']);
    expect(loadMany).toHaveBeenCalledTimes(1);
    expect(loadMany).toHaveBeenCalledWith(['a', 'c']);
  });

  test('that nobody needs anything of loads nothing', () => {
    const loadMany = jest.fn(doubled);
    for (const seat of seatsOf(new LoadBatch({ loadMany }, 2), 2)) seat.leave();
    expect(loadMany).not.toHaveBeenCalled();
  });

  test('does not wait for a key that left, however often it leaves; it is loaded alone if it comes back', async () => {
    const loadMany = jest.fn(doubled);
    const [a, b] = seatsOf(new LoadBatch({ loadMany }, 2), 2);
    a!.leave();
    a!.leave();
    expect(loadMany).not.toHaveBeenCalled();
    await expect(b!.load(notes('b'))).resolves.toBe('bb');
    await expect(a!.load(notes('a'))).resolves.toBe('aa');
    expect(loadMany.mock.calls).toEqual([[['b']], [['a']]]);
  });

  test('without loadMany loads each key by itself, at once', async () => {
    const load = jest.fn(async (key: string) => key + key);
    const [a] = seatsOf(new LoadBatch({ load }, 2), 2);
    await expect(a!.load(notes('a'))).resolves.toBe('aa');
  });

  test.each([
    ['rejects', () => Promise.reject(new Error('no'))],
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
  ])('fails as a whole when loadMany %s', async (_name, loadMany) => {
    const [a, b] = seatsOf(new LoadBatch({ loadMany }, 2), 2);
    const answers = [a!.load(notes('a')), b!.load(notes('b'))];
    for (const answer of answers) await expect(answer).rejects.toThrow('no');
  });
});

describe('loadMany may answer with', () => {
  const load = async (answer: unknown): Promise<unknown[]> => {
    const [a, b] = seatsOf(new LoadBatch({ loadMany: () => answer as ManyLoaded<string, unknown> }, 2), 2);
    return Promise.all([a!.load(notes('a')), b!.load(notes('b'))]);
  };

  test('an array in the order of the keys, holes and nulls included', async () => {
    expect(await load(['A', null])).toEqual(['A', null]);
    expect(await load([undefined, 'B'])).toEqual([undefined, 'B']);
  });

  test('a Map in any order, which may lack keys and have others', async () => {
    expect(await load(new Map([['b', 'B'], ['x', 'X'], ['a', 'A']]))).toEqual(['A', 'B']); // prettier-ignore
    expect(await load(new Map([['b', 'B']]))).toEqual([undefined, 'B']);
  });

  test.each([
    ['an array that is too short', ['A'], 'an array of 1 for 2 keys'],
    ['an array that is too long', ['A', 'B', 'C'], 'an array of 3 for 2 keys'],
    ['nothing', undefined, 'undefined'],
    ['an object', { a: 'A', b: 'B' }, 'object'],
  ])('but not with %s', async (_name, answer, found) => {
    const error = await rejectionOf(load(answer));
    expect(error.code).toBe('INVALID_LOAD');
    expect(error.message).toContain(`not ${found}`);
    expect(error.message).toContain('a Map by key, or an array with one item per key in their order');
  });
});

describe('a single key', () => {
  test('is loaded by load where there is one, with the context', async () => {
    const load = jest.fn(async (_key: string, _context: unknown) => 'A');
    const loadMany = jest.fn(doubled);
    const context = notes('a');
    await expect(loadOne({ load, loadMany }, context)).resolves.toBe('A');
    expect(load).toHaveBeenCalledWith('a', context);
    expect(loadMany).not.toHaveBeenCalled();
  });

  test('is loaded by loadMany where that is all there is', async () => {
    await expect(loadOne({ loadMany: doubled }, notes('a'))).resolves.toBe('aa');
    expect((await rejectionOf(loadOne({ loadMany: () => [] }, notes('a')))).code).toBe('INVALID_LOAD');
  });
});
