import { beforeEach, expect, test } from '@jest/globals';
import { Publishers } from '../../src/layers/publishers.ts';
import { ManualClock } from '../../src/model/manual-clock.ts';

let clock: ManualClock;
let publishers: Publishers;
beforeEach(() => {
  clock = new ManualClock();
  publishers = new Publishers(clock, 1_000);
});

const hear = (publisher: string, number: number): string =>
  publishers.heard({ publisher, number, announcement: { kind: 'beat', sentAt: 0 } });

test('messages in their order leave no gap, each publisher with numbers of its own', () => {
  expect([hear('a', 1), hear('b', 1), hear('a', 2), hear('b', 2)]).toEqual(['next', 'next', 'next', 'next']);
});

test('a message that was missed is a gap, and what follows is none', () => {
  expect([hear('a', 1), hear('a', 3), hear('a', 4)]).toEqual(['next', 'gap', 'next']);
});

test('a publisher that begins in the middle may have said something before', () => {
  expect([hear('a', 5), hear('a', 6)]).toEqual(['gap', 'next']);
});

test('a publisher that is silent for too long may have said what was not heard, once', async () => {
  hear('a', 1);
  await clock.advance(999);
  expect(publishers.dropSilent()).toBe(false);
  await clock.advance(1);
  expect([publishers.dropSilent(), publishers.dropSilent()]).toEqual([true, false]);
});

test('who has said goodbye may be silent', async () => {
  hear('a', 1);
  publishers.forget('a');
  await clock.advance(5_000);
  expect(publishers.dropSilent()).toBe(false);
});

test('are bounded: who makes up names costs a doubt now and then, and no memory', () => {
  const gaps = Array.from({ length: 30_000 }, (_, index) => hear(`p${index}`, 1)).filter((each) => each === 'gap');
  expect(gaps).toHaveLength(2);
});
