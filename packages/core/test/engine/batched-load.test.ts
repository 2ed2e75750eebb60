import { describe, expect, jest, test } from '@jest/globals';
import { BatchedLoad, loadOne } from '../../src/engine/batched-load.ts';
import { LoadNotes } from '../../src/engine/load-notes.ts';
import type { ManyLoadContext, ManyLoaded, ManyLoader } from '../../src/engine/source.ts';
import { rejectionOf } from '../support/failure.ts';

const notes = (key: string): LoadNotes<string> => new LoadNotes(key);
const doubled = async (keys: readonly string[]): Promise<string[]> => keys.map((key) => key + key);

/** The answers of one call for these keys. */
const loading = (loadMany: ManyLoader<string, unknown>, contexts: LoadNotes<string>[]): Promise<unknown>[] => {
  const batch = new BatchedLoad({ loadMany });
  const answers = contexts.map((context) => batch.add(context));
  void batch.run();
  return answers;
};

describe('several loads', () => {
  test('become one call, whose values go to their keys', async () => {
    const loadMany = jest.fn(doubled);
    expect(await Promise.all(loading(loadMany, ['a', 'b'].map(notes)))).toEqual(['aa', 'bb']);
    expect(loadMany.mock.calls.map(([keys]) => keys)).toEqual([['a', 'b']]);
  });

  test('find null where a Map lacks their key, and what it has where it has it', async () => {
    const values = new Map([
      ['a', undefined],
      ['b', 0],
    ]);
    expect(await Promise.all(loading(() => values, ['a', 'b', 'c'].map(notes)))).toEqual([undefined, 0, null]);
    expect(await loadOne({ loadMany: () => values }, notes('c'))).toBeNull();
  });

  test('wait for that call', async () => {
    const loadMany = jest.fn(doubled);
    const batch = new BatchedLoad({ loadMany });
    const answer = batch.add(notes('a'));
    expect([batch.size, loadMany.mock.calls.length]).toEqual([1, 0]);
    await batch.run();
    expect(await answer).toBe('aa');
  });

  test.each([
    ['rejects', () => Promise.reject(new Error('no'))],
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
  ])('fail together when loadMany %s', async (_name, loadMany) => {
    for (const answer of loading(loadMany, ['a', 'b'].map(notes))) await expect(answer).rejects.toThrow('no');
  });
});

describe('the signal of the call', () => {
  const signalled = (contexts: LoadNotes<string>[]): AbortSignal => {
    let told: ManyLoadContext | undefined;
    const loadMany = (keys: readonly string[], context: ManyLoadContext): string[] => {
      told = context;
      return [...keys];
    };
    void Promise.all(loading(loadMany, contexts));
    return told!.signal;
  };

  test('is aborted with the last load that is, and with its reason', () => {
    const [a, b] = [notes('a'), notes('b')];
    const signal = signalled([a, b]);
    a.abort(new Error('first'));
    expect(signal.aborted).toBe(false);
    const last = new Error('last');
    b.abort(last);
    expect([signal.aborted, signal.reason]).toEqual([true, last]);
  });

  test('counts loads that were aborted before it was looked at', () => {
    const [a, b] = [notes('a'), notes('b')];
    a.abort(new Error('first'));
    const signal = signalled([a, b]);
    expect(signal.aborted).toBe(false);
    b.abort(new Error('last'));
    expect(signal.aborted).toBe(true);
  });

  test('is one and the same at each look', () => {
    const signals: AbortSignal[] = [];
    const loadMany = (keys: readonly string[], told: ManyLoadContext): string[] => {
      signals.push(told.signal, told.signal);
      return [...keys];
    };
    void Promise.all(loading(loadMany, [notes('a')]));
    expect(signals[0]).toBe(signals[1]);
  });
});

describe('loadMany may answer with', () => {
  const load = (answer: unknown): Promise<unknown[]> =>
    Promise.all(loading(() => answer as ManyLoaded<string, unknown>, ['a', 'b'].map(notes)));

  test('an array in the order of the keys, holes and nulls included', async () => {
    expect(await load(['A', null])).toEqual(['A', null]);
    expect(await load([undefined, 'B'])).toEqual([undefined, 'B']);
  });

  test('a Map in any order, which may lack keys and have others', async () => {
    expect(await load(new Map([['b', 'B'], ['x', 'X'], ['a', 'A']]))).toEqual(['A', 'B']); // prettier-ignore
    expect(await load(new Map([['b', 'B']]))).toEqual([null, 'B']);
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
