import { cacheAside, createCache } from '@cache/core';
import { redisStore } from '@cache/core/redis';
import { createClient } from 'redis';

/** What a test tells this process to do. */
export type Order =
  | { readonly do: 'get'; readonly key: string; readonly callers: number }
  | { readonly do: 'mutate'; readonly key: string };

/** What it answers: the distinct values its callers got, and how long the slowest waited, in milliseconds. */
export interface Answer {
  readonly id: number;
  readonly values: unknown[];
  readonly ms: number;
}

/** A service process: a cache over Redis, in front of a source that is a plain Redis key, counted and slow. */
async function main(url: string, namespace: string, loadMs: number): Promise<void> {
  const source = createClient({ url });
  source.on('error', () => undefined);
  await source.connect();
  const cache = createCache({ namespace, tiers: [redisStore({ url })] });
  const wait = (): Promise<void> =>
    new Promise((resolve) => {
      setTimeout(resolve, loadMs);
    });
  const values = cache.resource(
    'value',
    cacheAside<string, string | null>({
      load: async (key) => {
        await source.incr(`source:loads:${key}`);
        const value = await source.get(`source:${key}`);
        process.send?.('loading');
        await wait();
        return value;
      },
    }),
  );
  await cache.ready();
  const orders = {
    get: async ({ key, callers }: Extract<Order, { do: 'get' }>) => {
      return [...new Set(await Promise.all(Array.from({ length: callers }, () => values.get(key))))];
    },
    mutate: async ({ key }: Extract<Order, { do: 'mutate' }>) => [
      await values.mutate(key, async () => {
        const version = await source.incr(`source:${key}`);
        process.send?.('changed');
        await wait();
        return version;
      }),
    ],
  };
  process.on('message', ({ id, order }: { id: number; order: Order }) => {
    const begun = performance.now();
    const done = order.do === 'get' ? orders.get(order) : orders.mutate(order);
    void done.then((answer) => process.send?.({ id, values: answer, ms: performance.now() - begun } satisfies Answer));
  });
  process.send?.('ready');
}

const [url, namespace, loadMs] = process.argv.slice(-3);
void main(url!, namespace!, Number(loadMs));
