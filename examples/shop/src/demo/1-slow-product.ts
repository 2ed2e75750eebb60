import type { Stage } from './stage.ts';
import { queries, time } from './terminal.ts';

/** The same product twice: the first request waits for a slow query, the second does not. */
export async function slowProduct({ terminal, service }: Stage): Promise<void> {
  terminal.heading('1  A slow product, asked for twice');
  const rows = [['GET /products/42', 'latency', 'reached Postgres']];
  const counts: number[] = [];
  for (const which of ['first request', 'second request']) {
    const before = await productQueries(service);
    const { ms } = await service.get('/products/42');
    const count = (await productQueries(service)) - before;
    rows.push([which, time(ms), queries(count)]);
    counts.push(count);
  }
  terminal.table('lrl', rows);
  terminal.say();
  terminal.check(counts[0] === 1 && counts[1] === 0, 'The second request was answered from the cache.');
}

/** How many queries for products one process of the service has sent. */
export async function productQueries(service: Stage['service']): Promise<number> {
  return (await service.stats()).queries.product ?? 0;
}
