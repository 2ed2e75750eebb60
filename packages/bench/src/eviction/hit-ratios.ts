import type { Goal, Table } from '../runner/benchmark.ts';
import { beladyHits } from './belady.ts';
import type { Policy } from './policy.ts';
import { keys, traces } from './trace.ts';

const shares = [0.01, 0.1];

interface Case {
  readonly name: string;
  readonly requests: number;
  readonly share: number;
  readonly best: number;
  /** By the policy's name. */
  readonly hits: ReadonlyMap<string, number>;
}

/** Who keeps what will be asked for again, on traces of several kinds. */
export function* hitRatios(policies: readonly Policy[]): Iterable<Table | Goal> {
  const cases = [...played(policies)];
  const percent = (hits: number, { requests }: Case): number => (100 * hits) / requests;
  yield {
    title: `Hits in percent; a cache with room for 1 % or 10 % of ${keys} keys`,
    columns: [...policies.map(({ name }) => ({ name, digits: 1 })), { name: 'Belady', digits: 1 }],
    rows: cases.map((each) => ({
      name: each.name,
      cells: [...policies.map(({ name }) => percent(each.hits.get(name)!, each)), percent(each.best, each)],
    })),
  };

  const rows = policies.map(({ name }) => {
    const means = shares.map((share) => mean(cases.filter((each) => each.share === share).map(ofBest(name))));
    const points = cases.map((each) => percent(each.hits.get(name)! - (each.hits.get('lru-cache') ?? NaN), each));
    const worst = Math.min(...points);
    return { name, cells: [...means, mean(cases.map(ofBest(name))), Number.isNaN(worst) ? undefined : worst] };
  });
  yield {
    title: "Share of Belady's hits, on the mean of the traces",
    columns: [
      ...['1 %', '10 %', 'both'].map((name) => ({ name, digits: 3 })),
      { name: 'points to LRU, worst', digits: 1 },
    ],
    rows,
  };
  const [{ name, cells }] = rows as [(typeof rows)[0]];
  yield { subject: `${name}, 1 %`, side: '≥', bound: 0.73, of: "of Belady's hits", measured: cells[0] };
  yield { subject: `${name}, at worst`, side: '≥', bound: -2, of: 'points to LRU', measured: cells[3] };
}

function* played(policies: readonly Policy[]): Iterable<Case> {
  for (const [trace, make] of traces) {
    const requests = make();
    const names = Array.from(requests, (key) => `product:${key}`);
    for (const share of shares) {
      const size = keys * share;
      const hits = new Map(policies.map(({ name, open }) => [name, open(size)(names)]));
      const best = beladyHits(requests, size);
      yield { name: `${trace}, ${share * 100} %`, requests: requests.length, share, best, hits };
    }
  }
}

function ofBest(policy: string): (each: Case) => number {
  return ({ hits, best }) => hits.get(policy)! / best;
}

function mean(figures: readonly number[]): number {
  return figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
}
