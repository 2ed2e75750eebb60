import { type Contestant, median } from './rounds.ts';

/** How `bytesPerOperation` measures, for a table's notes. */
export const allocationNote =
  'B/op: how much more heapUsed grows over a long run than over one a third as long, both short enough and begun after a collection, so that none falls into them; median of 9';

/** The least space for young objects is 1 MB: what stays below it is not collected meanwhile. */
const budget = 450_000;

/** Bytes allocated per operation, with compiled code; needs `--expose-gc`. */
export async function bytesPerOperation(contestant: Contestant): Promise<number> {
  const collect = globalThis.gc as (() => void) | undefined;
  if (collect === undefined) throw new Error('bytes are measured with node --expose-gc');
  const grown = async (operations: number): Promise<number> => {
    collect();
    const before = process.memoryUsage().heapUsed;
    await contestant.run(operations);
    return process.memoryUsage().heapUsed - before;
  };
  // What is allocated once a run cancels out.
  const between = async (short: number): Promise<number> =>
    ((await grown(3 * short)) - (await grown(short))) / (2 * short);
  const first = await between(10);
  const short = Math.max(10, Math.min(1_000, Math.round(budget / 3 / Math.max(first, 1))));
  const figures: number[] = [];
  for (let run = 0; run < 9; run += 1) figures.push(await between(short));
  return median(figures);
}
