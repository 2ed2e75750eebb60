import { describe, expect, test } from '@jest/globals';
import { type Goal, holds, type Table } from '../../src/runner/benchmark.ts';
import { jsonLines } from '../../src/runner/json.ts';
import { text } from '../../src/runner/text.ts';

const table: Table = {
  title: 'A hit',
  columns: [{ name: 'ns' }, { name: '× limit', digits: 2 }],
  rows: [
    { name: 'the limit', cells: [95.4, 1] },
    { name: 'a peer', cells: [12_500, undefined] },
  ],
  notes: ['hot key'],
};
const goal: Goal = { subject: 'resource.get', side: '≤', bound: 1.3, of: '× the limit', measured: 1.1234 };

describe('a table', () => {
  test('is laid out for people', () => {
    expect(text(table).split('\n')).toEqual([
      '',
      'A hit',
      '',
      '              ns  × limit',
      'the limit     95     1.00',
      'a peer     12500        –',
      '  hot key',
      '',
    ]);
  });

  test('is one JSON object a row for programs, with every digit', () => {
    const lines = jsonLines('hit', table).split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { benchmark: 'hit', table: 'A hit', name: 'the limit', ns: 95.4, '× limit': 1 },
      { benchmark: 'hit', table: 'A hit', name: 'a peer', ns: 12_500, '× limit': null },
    ]);
  });
});

describe('a goal', () => {
  test.each<[string, Partial<Goal>]>([
    ['goal resource.get ≤ 1.3 × the limit: 1.12 ok', {}],
    ['goal resource.get ≤ 1.3 × the limit: 1.31 MISSED', { measured: 1.312 }],
    ['goal resource.get ≥ 7 × the limit: 16.5 ok', { side: '≥', bound: 7, measured: 16.46 }],
    ['goal resource.get ≥ 7 × the limit: 1120 ok', { side: '≥', bound: 7, measured: 1_120.4 }],
    ['goal resource.get ≥ 7 × the limit: 6.99 MISSED', { side: '≥', bound: 7, measured: 6.99 }],
    ['goal resource.get ≤ 1.3 × the limit: not measured', { measured: undefined }],
  ])('says whether it holds: %s', (sentence, parts) => {
    expect(text({ ...goal, ...parts })).toBe(sentence);
  });

  test('holds at its very bound, and not where it could not be measured', () => {
    expect(holds({ ...goal, measured: 1.3 })).toBe(true);
    expect(holds({ ...goal, measured: undefined })).toBe(false);
  });

  test('is one JSON object for programs', () => {
    expect(JSON.parse(jsonLines('hit', { ...goal, measured: undefined }))).toEqual({
      benchmark: 'hit',
      ...goal,
      measured: null,
      holds: false,
    });
  });
});
