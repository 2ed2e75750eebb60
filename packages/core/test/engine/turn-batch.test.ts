import { beforeEach, expect, jest, test } from '@jest/globals';
import { TurnBatch } from '../../src/engine/turn-batch.ts';

const shout = jest.fn(async (words: readonly string[]) => words.map((word) => word.toUpperCase()));
beforeEach(() => void shout.mockClear());

const ask = async (batch: TurnBatch<string, string[]>, word: string) => {
  const { reply, place } = batch.join(word);
  return (await reply)[place];
};

test('what is asked in one turn leaves as one, and everyone finds his own in the reply', async () => {
  const batch = new TurnBatch(shout);
  const replies = Promise.all([ask(batch, 'a'), Promise.resolve().then(() => ask(batch, 'b')), ask(batch, 'a')]);
  expect(await replies).toEqual(['A', 'B', 'A']);
  expect(shout.mock.calls).toEqual([[['a', 'a', 'b']]]);
});

test('what is asked later leaves as another', async () => {
  const batch = new TurnBatch(shout);
  expect([await ask(batch, 'a'), await ask(batch, 'b')]).toEqual(['A', 'B']);
  expect(shout.mock.calls).toEqual([[['a']], [['b']]]);
});

test('many are told of their reply in portions: what the first go on to ask leaves before the last have theirs', async () => {
  const batch = new TurnBatch(shout);
  const words = Array.from({ length: 100 }, (_, index) => `word ${index}`);
  const told: string[] = [];
  const again: number[] = [];
  await Promise.all(
    words.map(async (word, index) => {
      told.push((await ask(batch, word))!);
      if (index > 0) return;
      await ask(batch, 'again');
      again.push(told.length);
    }),
  );
  expect(told).toEqual(words.map((word) => word.toUpperCase()));
  expect(shout.mock.calls).toEqual([[words], [['again']]]);
  expect(again[0]).toBeLessThan(words.length);
});

test('who has nothing to ask rides along, and alone has the reply to nothing', async () => {
  const batch = new TurnBatch(shout);
  expect(await Promise.all([batch.ride(), ask(batch, 'a'), batch.ride()])).toEqual([['A'], 'A', ['A']]);
  expect(await batch.ride()).toEqual([]);
});

test('a failure is everybody’s', async () => {
  const batch = new TurnBatch<string, string[]>(() => Promise.reject(new Error('gone')));
  const outcomes = await Promise.allSettled([ask(batch, 'a'), ask(batch, 'b'), batch.ride()]);
  expect(outcomes).toEqual([1, 2, 3].map(() => ({ status: 'rejected', reason: new Error('gone') })));
});
