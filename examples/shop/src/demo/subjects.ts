import type { Kind } from '../database.ts';
import type { Answer, Client } from './client.ts';

/** One resource of the shop as the comparison of strategies uses it. */
export interface Subject {
  readonly strategy: string;
  readonly resource: string;
  /** What Postgres counts its writes under. */
  readonly kind: Kind;
  /** Reads one of many keys. */
  read(client: Client, key: number): Promise<Answer>;
  /** Changes what `read` of that key shows; each `value` is another one. */
  write(client: Client, key: number, value: number): Promise<Answer>;
}

/** The four strategies, each by the resource that uses it. */
export const subjects: readonly Subject[] = [
  {
    strategy: 'cache-aside',
    resource: 'products',
    kind: 'product',
    read: (client, key) => client.get(`/products/${100 + key}`),
    write: (client, key, value) => client.put(`/products/${100 + key}`, { name: `Edition ${value}`, cents: value }),
  },
  {
    strategy: 'write-through',
    resource: 'carts',
    kind: 'cart',
    read: (client, key) => client.get(`/carts/visitor-${key}`),
    write: (client, key, value) =>
      client.put(`/carts/visitor-${key}`, { items: [{ productId: 1 + value, quantity: 1 }] }),
  },
  {
    strategy: 'write-behind',
    resource: 'page views',
    kind: 'views',
    read: (client, key) => client.get(`/views/page-${key}`),
    write: (client, key) => client.post(`/views/page-${key}`),
  },
  {
    strategy: 'TTL only (2 s)',
    resource: 'report',
    kind: 'order',
    read: (client, key) => client.get(`/reports/revenue?days=${1 + key}`),
    write: (client, key) => client.post('/orders', { productId: 100 + key, quantity: 1 }),
  },
];
