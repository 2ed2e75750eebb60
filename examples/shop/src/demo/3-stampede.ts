import { performance } from 'node:perf_hooks';
import { productQueries } from './1-slow-product.ts';
import type { Stage } from './stage.ts';
import { queries, time } from './terminal.ts';

const requests = 1_000;

/** A thousand requests at once for a product that is in no cache: one load, whichever process does it. */
export async function stampede({ terminal, service, second }: Stage): Promise<void> {
  const services = second === undefined ? [service] : [service, second];
  const where = second === undefined ? 'one process' : 'two processes, half to each';
  terminal.heading(`3  ${requests.toLocaleString('en')} requests at once for a cold key, to ${where}`);
  if (second === undefined) {
    terminal.say('(Two processes need a Redis and a Postgres server that both can reach.)');
    terminal.say();
  }

  const ask = (path: string) =>
    Promise.all(Array.from({ length: requests }, (_, n) => services[n % services.length]!.get(path)));
  const counts = () => Promise.all(services.map(productQueries));
  // So many connections take longer to open than the product takes to load.
  await ask('/stats');
  const before = await counts();
  const start = performance.now();
  const answers = await ask('/products/77');
  const took = performance.now() - start;
  const after = await counts();

  const sent = after.map((count, n) => count - before[n]!);
  const total = sent.reduce((sum, count) => sum + count);
  const good = answers.filter(({ status, text }) => status === 200 && text === answers[0]!.text).length;
  terminal.table('lrl', [
    ['', 'requests', 'reached Postgres'],
    ...sent.map((count, n) => [`process ${n + 1}`, String(requests / services.length), queries(count)]),
  ]);
  terminal.say();
  terminal.check(good === requests, `All ${requests} got the same answer, within ${time(took)}.`);
  terminal.check(total === 1, `Postgres saw ${queries(total)}.`);
}
