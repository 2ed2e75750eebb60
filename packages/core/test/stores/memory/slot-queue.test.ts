import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SlotQueue } from '../../../src/stores/memory/slot-queue.ts';

test('a queue of slots is a plain list, whatever is done to it', () => {
  const slot = fc.integer({ min: 1, max: 200 });
  const action = fc.tuple(fc.constantFrom('push', 'push', 'remove', 'moveToEnd', 'shift'), slot);
  fc.assert(
    fc.property(fc.array(action, { maxLength: 300 }), (actions) => {
      const queue = new SlotQueue();
      let model: number[] = [];
      for (const [what, each] of actions) {
        const others = model.filter((other) => other !== each);
        if (what === 'shift') {
          if (model.length > 0) expect(queue.shift()).toBe(model.shift());
        } else if ((what === 'push') === (others.length === model.length)) {
          queue[what](each);
          model = what === 'remove' ? others : [...others, each];
        }
        expect([queue.size, queue.first]).toEqual([model.length, model[0] ?? 0]);
      }
      expect(Array.from(model, () => queue.shift())).toEqual(model);
    }),
    { numRuns: 300 },
  );
});

test('a queue of slots grows to whatever slot it is given', () => {
  const queue = new SlotQueue();
  for (const slot of [1, 64, 65, 1_000, 100_000]) queue.push(slot);
  queue.remove(65);
  expect([queue.shift(), queue.shift(), queue.shift(), queue.shift(), queue.size]).toEqual([1, 64, 1_000, 100_000, 0]);
});
