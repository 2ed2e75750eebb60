import { expect, test } from '@jest/globals';
import { Writers } from '../../src/engine/writers.ts';

test('a writer is alone from begin to end, and its key is written meanwhile', () => {
  const writers = new Writers();
  const turn = writers.begin('a');
  expect([turn.alone, writers.isWriting('a'), writers.isWriting('b')]).toEqual([true, true, false]);
  turn.end();
  expect([turn.alone, writers.isWriting('a')]).toEqual([true, false]);
});

test('of writers that overlap nobody is alone, even after the other has ended', () => {
  const writers = new Writers();
  const first = writers.begin('a');
  const second = writers.begin('a');
  expect([first.alone, second.alone]).toEqual([false, false]);
  first.end();
  expect(second.alone).toBe(false);
  expect(writers.isWriting('a')).toBe(true);
  second.end();
  expect(writers.isWriting('a')).toBe(false);
});

test('a chain of overlaps leaves nobody alone, and who comes after it is alone again', () => {
  const writers = new Writers();
  const first = writers.begin('a');
  const second = writers.begin('a');
  first.end();
  const third = writers.begin('a');
  second.end();
  expect(third.alone).toBe(false);
  third.end();
  expect(writers.begin('a').alone).toBe(true);
});

test('writers of other keys do not count', () => {
  const writers = new Writers();
  const [a, b] = [writers.begin('a'), writers.begin('b')];
  expect([a.alone, b.alone]).toEqual([true, true]);
});

test('an evict overlaps with the writer at work, and not with the next one', () => {
  const writers = new Writers();
  writers.contend('a');
  const turn = writers.begin('a');
  expect(turn.alone).toBe(true);
  writers.contend('b');
  expect(turn.alone).toBe(true);
  writers.contend('a');
  expect(turn.alone).toBe(false);
  turn.end();
  expect(writers.begin('a').alone).toBe(true);
});
