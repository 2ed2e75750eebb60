import { setTimeout as delay } from 'node:timers/promises';
import type { Kind } from '../database.ts';
import type { Answer } from './client.ts';
import type { Stage } from './stage.ts';
import { queries, time } from './terminal.ts';

/** The other two doors to the cache: a method with a decorator, and a route with a middleware. */
export async function annotated(stage: Stage): Promise<void> {
  stage.terminal.heading('6  A method and a route, annotated');
  await method(stage);
  stage.terminal.say();
  await route(stage);
}

/** `@Cached` on `CustomerService.find`, whose customers have a method that the route calls. */
async function method({ terminal, service }: Stage): Promise<void> {
  const path = '/customers/7';
  const ask = counting(service, 'customer');
  const first = await ask(() => service.get(path));
  const second = await ask(() => service.get(path));
  const change = await ask(() => service.put(path, { name: 'Mary Shelley', email: 'mary@example.com' }));
  const next = await ask(() => service.get(path));

  const row = (what: string, { answer, sent }: Counted) => [
    what,
    time(answer.ms),
    queries(sent),
    customerIn(answer).name,
    customerIn(answer).initials,
  ];
  terminal.table('lrlll', [
    ['@Cached, @Updates', 'latency', 'reached Postgres', 'name', 'initials()'],
    row(`GET ${path}`, first),
    row(`GET ${path}`, second),
    row(`PUT ${path}`, change),
    row(`GET ${path}`, next),
  ]);
  terminal.say();
  terminal.check(
    first.sent === 1 && second.answer.text === first.answer.text && [second, next].every(isHit),
    'A hit gives back an instance of Customer: the route calls its method initials().',
  );
  terminal.check(
    isHit(next) && customerIn(next.answer).initials === 'MS',
    'What @Updates gave is in the cache: the next read shows it, and asks nobody.',
  );
}

/** `cacheResponse` before the handler of a report, and `evicts` before that of orders. */
async function route({ terminal, service }: Stage): Promise<void> {
  const path = '/reports/bestsellers';
  const ask = counting(service, 'bestsellers', 'order');
  const first = await ask(() => service.get(path));
  await delay(1_200);
  const later = await ask(() => service.get(path));
  const order = await ask(() => service.post('/orders', { productId: 42, quantity: 1_000 }));
  const next = await ask(() => service.get(path));

  const row = (what: string, { answer, sent }: Counted) => [
    what,
    time(answer.ms),
    queries(sent),
    answer.headers.get('age') ?? '',
    answer.headers.get('cache-status') ?? '',
  ];
  terminal.table('lrlrl', [
    ['cacheResponse, evicts', 'latency', 'reached Postgres', 'Age', 'Cache-Status'],
    row(`GET ${path}`, first),
    row('… 1.2 s later', later),
    row('POST /orders', order),
    row(`GET ${path}`, next),
  ]);
  terminal.say();
  terminal.check(
    first.sent === 1 &&
      isHit(later) &&
      later.answer.text === first.answer.text &&
      Number(later.answer.headers.get('age')) >= 1 &&
      later.answer.headers.get('cache-status')?.startsWith('shop; hit; ttl=') === true,
    'The handler ran once; the second answer is the first, and says how old it is.',
  );
  const [best] = next.answer.status === 200 ? (JSON.parse(next.answer.text) as { productId: number }[]) : [];
  terminal.check(
    order.answer.status === 201 && next.sent === 1 && best?.productId === 42,
    'The order evicted the report: the next read is led by what was ordered.',
  );
}

interface Counted {
  readonly answer: Answer;
  /** How many queries of the kinds reached Postgres for it. */
  readonly sent: number;
}

function counting(service: Stage['service'], ...kinds: Kind[]) {
  const count = async () => {
    const { queries } = await service.stats();
    return kinds.reduce((sum, kind) => sum + (queries[kind] ?? 0), 0);
  };
  return async (send: () => Promise<Answer>): Promise<Counted> => {
    const before = await count();
    const answer = await send();
    return { answer, sent: (await count()) - before };
  };
}

function isHit({ answer, sent }: Counted): boolean {
  return answer.status === 200 && sent === 0;
}

function customerIn({ text }: Answer) {
  const { name = '', initials = '' } = JSON.parse(text) as { name?: string; initials?: string };
  return { name, initials };
}
