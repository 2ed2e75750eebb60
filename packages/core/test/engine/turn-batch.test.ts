import { expect, jest, test } from '@jest/globals';
import { type Frames, ReadBatch } from '../../src/engine/read-batch.ts';
import { Budget } from '../../src/layers/deadline.ts';
import { ManualClock } from '../../src/model/manual-clock.ts';
import type { SharedRead } from '../../src/model/store.ts';

const clock = new ManualClock();
const tagClock = { generation: 'g', at: 1 };
const read = jest.fn(async (addresses: readonly string[], _budget: Budget): Promise<SharedRead> => ({
  frames: addresses.map((address) => (address === 'none' ? undefined : Buffer.from(address))),
  clock: tagClock,
}));

const text = (frames: Frames): string | undefined => frames?.map((frame) => frame?.toString() ?? '-').join();

test('the lookups of one turn leave as one, and each is given what it asked for', async () => {
  const batch = new ReadBatch(read);
  const [long, short] = [new Budget(clock, 150), new Budget(clock, 20)];
  const replies = await Promise.all([
    batch.read(['a', 'none'], long, text),
    Promise.resolve().then(() => batch.read(['b', 'a'], short, text)),
    batch.sync(long),
  ]);
  expect(replies).toEqual(['a,-', 'b,a', undefined]);
  expect(read.mock.calls).toEqual([[['a', 'none', 'b'], short]]);
  await batch.read(['c'], long, text);
  expect(read).toHaveBeenCalledTimes(2);
});

test('a lookup that fails fails for all who share it, and says why to who asks for the clock alone', async () => {
  const batch = new ReadBatch(() => Promise.reject(new Error('gone')));
  const budget = new Budget(clock, 150);
  const [one, other, clockAlone] = await Promise.allSettled([
    batch.read(['a'], budget, text),
    batch.read(['b'], budget, text),
    batch.sync(budget),
  ]);
  expect([one, other]).toEqual([1, 2].map(() => ({ status: 'fulfilled', value: undefined })));
  expect(clockAlone).toMatchObject({ status: 'rejected', reason: { message: 'gone' } });
});
