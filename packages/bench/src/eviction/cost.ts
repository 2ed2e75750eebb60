import { inRounds, median, ratio } from '../measure/rounds.ts';
import type { Goal, Table } from '../runner/benchmark.ts';
import type { Policy } from './policy.ts';
import { keys, traces } from './trace.ts';

const turn = 50_000;

/** What a request costs, hits and misses with their evictions alike. */
export async function* cost(policies: readonly Policy[]): AsyncIterable<Table | Goal> {
  const [name, make] = traces[0]!;
  const names = Array.from(make(), (key) => `product:${key}`);
  const contestants = policies.map(({ name, open }) => {
    const ask = open(keys / 10);
    let at = 0;
    const run = (operations: number): void => {
      ask(names.slice(at, at + operations));
      at = at + 2 * operations > names.length ? 0 : at + operations;
    };
    return { name, run };
  });
  const rounds = await inRounds(contestants, { most: turn });
  const rows = policies.map(({ name }) => ({
    name,
    cells: [median(rounds.get(name)!), ratio(rounds, name, 'lru-cache')],
  }));
  const columns = [{ name: 'ns per request' }, { name: '× lru-cache', digits: 2 }];
  yield { title: `What a request costs: ${name}, room for 10 % of the keys`, columns, rows };
  const [first] = rows;
  yield { subject: first!.name, side: '≤', bound: 1.4, of: '× lru-cache', measured: first!.cells[1] };
}
