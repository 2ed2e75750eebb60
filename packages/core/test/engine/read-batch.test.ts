import { expect, jest, test } from '@jest/globals';
import { ReadBatch } from '../../src/engine/read-batch.ts';
import { Budget } from '../../src/layers/deadline.ts';
import { ManualClock } from '../../src/model/manual-clock.ts';
import type { SharedRead } from '../../src/model/store.ts';

const clock = new ManualClock();
const tagClock = { generation: 'g', at: 1 };
const read = jest.fn(async (addresses: readonly string[], _budget: Budget): Promise<SharedRead> => ({
  frames: addresses.map((address) => (address === 'none' ? undefined : Buffer.from(address))),
  clock: tagClock,
}));

test('the lookups of one turn leave as one, and each is given what it asked for', async () => {
  const batch = new ReadBatch(read);
  const [long, short] = [new Budget(clock, 150), new Budget(clock, 20)];
  const replies = await Promise.all([
    batch.read(['a', 'none'], long),
    Promise.resolve().then(() => batch.read(['b', 'a'], short)),
    batch.read([], long),
  ]);
  expect(replies.map(({ frames }) => frames.map((frame) => frame?.toString()))).toEqual([
    ['a', undefined],
    ['b', 'a'],
    [],
  ]);
  expect(replies.every((reply) => reply.clock === tagClock)).toBe(true);
  expect(read.mock.calls).toEqual([[['a', 'none', 'b'], short]]);
  await batch.read(['c'], long);
  expect(read).toHaveBeenCalledTimes(2);
});

test('a lookup that fails fails for all who share it', async () => {
  const batch = new ReadBatch(() => Promise.reject(new Error('gone')));
  const budget = new Budget(clock, 150);
  const outcomes = await Promise.allSettled([batch.read(['a'], budget), batch.read(['b'], budget)]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
