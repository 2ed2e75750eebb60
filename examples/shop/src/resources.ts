import { addition, cacheAside, createCache, memoryLedger, memoryStore, writeBehind, writeThrough } from '@cache/core';
import { redisStore } from '@cache/core/redis';
import { CustomerService } from './customers.ts';
import type { Cart, Product, Queries } from './queries.ts';

export type Resources = ReturnType<typeof shopResources>;

/** What the shop caches, and how: one strategy per resource. */
export function shopResources(
  db: Queries,
  { redisUrl, namespace }: { redisUrl?: string | undefined; namespace?: string } = {},
) {
  const cache = createCache({
    namespace: namespace ?? 'shop',
    tiers: redisUrl === undefined ? [memoryStore()] : [memoryStore(), redisStore({ url: redisUrl })],
  });

  /** Cache-aside: loaded when asked for; whoever changes a product does it inside `products.mutate`. */
  const products = cache.resource(
    'product',
    cacheAside<number, Product | null>({
      load: (id) => db.product(id),
      ttl: '10m',
      negativeTtl: '10s',
    }),
  );

  /** Write-through: when `carts.set` resolves, Postgres has the cart, and the cache has it too. */
  const carts = cache.resource(
    'cart',
    writeThrough<string, Cart>({
      load: (id) => db.cart(id),
      save: (id, cart) => db.saveCart(id, cart),
      ttl: '1h',
    }),
  );

  /** Write-behind: `views.merge` is done at once, and Postgres gets what was counted in batches, and adds it up. */
  const views = cache.resource(
    'views',
    writeBehind<string, number, number>({
      load: (page) => db.pageViews(page),
      saveMany: (items) => db.savePageViews(items),
      merge: { ...addition, saveMany: (items) => db.addPageViews(items) },
      ledger: memoryLedger(),
      ttl: '2s',
      flush: { after: '1s', max: 500 },
    }),
  );

  /** TTL only: no order evicts it, so that a report is up to two seconds old. */
  const revenue = (days: number) => cache.getOrSet(`report:revenue:${days}`, () => db.revenue(days), { ttl: '2s' });

  /** Annotated methods, on the same cache. */
  const customers = new CustomerService(cache, db);

  return { cache, products, carts, views, revenue, customers };
}
