import { describe, expect, jest, test } from '@jest/globals';
import { Alone, LoadBatch } from '../../src/engine/load-batch.ts';
import { LoadNotes } from '../../src/engine/load-notes.ts';

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
    expect(loadMany.mock.calls[0]![0]).toEqual(['a', 'c']);
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
    expect(loadMany.mock.calls.map(([keys]) => keys)).toEqual([['b'], ['a']]);
  });

  test('without loadMany loads each key by itself, at once', async () => {
    const load = jest.fn(async (key: string) => key + key);
    const [a] = seatsOf(new LoadBatch({ load }, 2), 2);
    await expect(a!.load(notes('a'))).resolves.toBe('aa');
  });

  test('does not call the loader while a key may still need it, whatever order they are decided in', () => {
    const loadMany = jest.fn(doubled);
    const seats = seatsOf(new LoadBatch({ loadMany }, 3), 3);
    void seats[2]!.load(notes('c'));
    seats[0]!.leave();
    expect(loadMany).not.toHaveBeenCalled();
    void seats[1]!.load(notes('b'));
    expect(loadMany.mock.calls.map(([keys]) => keys)).toEqual([['c', 'b']]);
  });

  test('that was left by a key that is loaded in it already goes on', async () => {
    const loadMany = jest.fn(doubled);
    const [a, b] = seatsOf(new LoadBatch({ loadMany }, 2), 2);
    const answer = a!.load(notes('a'));
    a!.leave();
    expect(loadMany).not.toHaveBeenCalled();
    b!.leave();
    expect(await answer).toBe('aa');
  });
});

describe('a key that is in no batch', () => {
  test('is loaded at once, and has nobody to leave', async () => {
    const seat = new Alone({ loadMany: doubled });
    seat.leave();
    expect(await seat.load(notes('a'))).toBe('aa');
  });
});
