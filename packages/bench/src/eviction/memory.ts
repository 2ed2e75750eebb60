import { seeded } from '../measure/random.ts';
import { zipf } from '../measure/zipf.ts';
import type { Goal, Table } from '../runner/benchmark.ts';
import type { Policy } from './policy.ts';

const requests = 10_000_000;
const chunk = 100_000;
const size = 100_000;
const marks = [0.1, 0.5, 1];

/** Whether a full cache stays as large as it is, however many keys pass through it. */
export function* memory(policies: readonly Policy[]): Iterable<Table | Goal> {
  const rows = policies.map((policy) => ({ name: policy.name, cells: megabytes(policy) }));
  const columns = marks.map((mark) => ({ name: `MB at ${mark * 100} %`, digits: 1 }));
  const title = `Memory over ${requests} requests, half of them for keys never asked for before; room for ${size}`;
  yield { title, columns, rows, notes: ['heapUsed and array buffers after a collection, less what there was before'] };
  const [early, , late] = rows[0]!.cells;
  yield { subject: rows[0]!.name, side: '≤', bound: 1.05, of: '× its memory at 10 %', measured: late! / early! };
}

function megabytes({ open }: Policy): number[] {
  const random = seeded(7);
  const draw = zipf(1_000_000, 0.99, random);
  const before = used();
  const ask = open(size);
  const figures: number[] = [];
  let fresh = 1_000_000;
  for (let done = chunk; done <= requests; done += chunk) {
    ask(Array.from({ length: chunk }, () => `product:${random() < 0.5 ? fresh++ : draw()}`));
    if (marks.includes(done / requests)) figures.push((used() - before) / 2 ** 20);
  }
  return figures;
}

function used(): number {
  // Once does not take everything.
  for (let times = 0; times < 3; times += 1) globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
