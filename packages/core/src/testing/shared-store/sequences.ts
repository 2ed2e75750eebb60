import { isDeepStrictEqual } from 'node:util';
import { broken } from '../contract.ts';
import { seededRandom } from '../random.ts';
import { SharedStoreModel } from '../shared-store-model.ts';
import { type Fleet, Operations } from './operations.ts';
import type { Cases } from './scene.ts';

const longest = 25;

export const sequences: Cases = {
  'random sequences of operations by two processes go as they go in the model': async (scene) => {
    const { seed = 1, runs = 40 } = scene.options;
    const model = new SharedStoreModel();
    const real: Fleet = { spaces: [scene.space, await scene.another()], clocks: [] };
    const plain: Fleet = { spaces: [model.space(), model.space()], clocks: [] };
    for (const fleet of [real, plain]) fleet.clocks.push((await fleet.spaces[0].tags({ generation: '', at: 0 })).clock);
    for (let run = 0; run < runs; run += 1) await play(real, plain, seed, run);
  },
};

/** Does the same to both, and compares every answer, and what readers find after it. */
async function play(real: Fleet, plain: Fleet, seed: number, run: number): Promise<void> {
  const random = seededRandom(seed * 1_000_003 + run);
  const addresses = [`${run}:a`, `${run}:b`];
  const operations = new Operations(random, addresses);
  const story: string[] = [];
  for (let step = 1 + random.integer(longest); step > 0; step -= 1) {
    const { does, to } = operations.next(real.clocks.length);
    story.push(does);
    const [came, expected] = [await to(real), await to(plain)];
    const [found, toFind] = [await look(real, addresses), await look(plain, addresses)];
    if (isDeepStrictEqual(came, expected) && isDeepStrictEqual(found, toFind)) continue;
    throw broken(
      `these operations go as in the model (seed ${seed}, run ${run}):\n  ${story.join('\n  ')}`,
      { answer: came, found },
      { answer: expected, found: toFind },
    );
  }
}

async function look({ spaces }: Fleet, addresses: readonly string[]): Promise<unknown> {
  const { frames } = await spaces[1].read(addresses);
  return frames.map((frame) => (frame === undefined ? 'empty' : Buffer.from(frame).toString()));
}
