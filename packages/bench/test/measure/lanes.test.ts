import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { inLanes } from '../../src/measure/lanes.ts';

test('every run is made once, in order, and never more at once than there are lanes', async () => {
  const begun: number[] = [];
  let [running, most] = [0, 0];
  await inLanes(10, 3, async (at) => {
    begun.push(at);
    most = Math.max(most, (running += 1));
    await turn();
    running -= 1;
  });
  expect([begun, most, running]).toEqual([Array.from({ length: 10 }, (_, at) => at), 3, 0]);
});

test('a run that fails is told of', async () => {
  await expect(inLanes(10, 3, (at) => Promise.reject(new Error(`run ${at}`)))).rejects.toThrow('run 0');
});
