import { describe, expect, test } from '@jest/globals';
import { inRounds, joined, median, ratio } from '../../src/measure/rounds.ts';

describe('a median', () => {
  test.each([
    [[3], 3],
    [[9, 1, 5], 5],
    [[4, 1, 3, 2], 2.5],
    [[10, 9, 100, 8, 11], 10],
  ])('of %j is %d', (figures, middle) => {
    expect(median(figures)).toBe(middle);
  });

  test('leaves the figures in their order', () => {
    const figures = [3, 1, 2];
    median(figures);
    expect(figures).toEqual([3, 1, 2]);
  });

  test('of nothing is refused', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('a ratio', () => {
  const rounds = new Map([
    ['ours', [20, 200, 20]],
    ['theirs', [10, 100, 40]],
  ]);

  test('is that of figures of one round, so that a slow moment of the machine cancels out', () => {
    expect(ratio(rounds, 'ours', 'theirs')).toBe(2);
    expect(ratio(rounds, 'theirs', 'ours')).toBe(0.5);
  });

  test('to somebody who did not take part is unknown', () => {
    expect(ratio(rounds, 'ours', 'nobody')).toBeUndefined();
    expect(ratio(rounds, 'nobody', 'ours')).toBeUndefined();
  });
});

describe('rounds', () => {
  test('have everybody take one turn each, and nobody always first', async () => {
    const turns: string[] = [];
    const contestant = (name: string) => ({ name, run: () => void turns.push(name) });
    const rounds = await inRounds(['a', 'b', 'c'].map(contestant), { rounds: 3, most: 1 });
    expect([...rounds].map(([name, figures]) => [name, figures.length])).toEqual([
      ['a', 3],
      ['b', 3],
      ['c', 3],
    ]);
    const played = turns.slice(-9);
    expect(played.toSorted()).toEqual(['a', 'a', 'a', 'b', 'b', 'b', 'c', 'c', 'c']);
    expect(new Set([played[0], played[3], played[6]]).size).toBe(3);
  });
});

test('heats are joined round by round, so that figures of one round stay together', () => {
  const heats = [
    [20, 40],
    [60, 80],
  ].map(
    (figures) =>
      new Map([
        ['ours', figures],
        ['theirs', figures.map((each) => each / 2)],
      ]),
  );
  const rounds = joined(heats);
  expect(rounds.get('ours')).toEqual([20, 40, 60, 80]);
  expect(ratio(rounds, 'ours', 'theirs')).toBe(2);
  expect(joined([]).size).toBe(0);
});
