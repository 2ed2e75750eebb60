import { expect, test } from '@jest/globals';
import { ManualClock } from '@cache/core/testing';
import { Patience } from '../../../src/stores/redis/patience.ts';

function patient(): { clock: ManualClock; patience: Patience; lost: () => number } {
  const clock = new ManualClock();
  let lost = 0;
  const patience = new Patience(clock, 1_000, () => {
    lost += 1;
  });
  return { clock, patience, lost: () => lost };
}

test('a command that waits for twice the time is told of, though others are answered', async () => {
  const { clock, patience, lost } = patient();
  patience.begin();
  await clock.advance(999);
  for (let i = 0; i < 10; i += 1) patience.begin().waiting -= 1;
  expect(lost()).toBe(0);
  await clock.advance(1_001);
  expect(lost()).toBe(1);
  expect(patience.waiting).toBe(0);
});

test('commands that are answered in time are not, for as long as they come', async () => {
  const { clock, patience, lost } = patient();
  for (let i = 0; i < 20; i += 1) {
    const batch = patience.begin();
    await clock.advance(900);
    batch.waiting -= 1;
  }
  await clock.advance(10_000);
  expect(lost()).toBe(0);
});

test('what was begun before a restart does not count', async () => {
  const { clock, patience, lost } = patient();
  const before = patience.begin();
  patience.restart();
  before.waiting -= 1;
  expect(patience.waiting).toBe(0);
  await clock.advance(10_000);
  expect(lost()).toBe(0);
});
