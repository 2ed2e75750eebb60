import type { Kind } from '../database.ts';
import type { Answer, Client } from './client.ts';

/** One resource of the shop as the comparison of strategies uses it. */
export interface Subject {
  readonly strategy: string;
  readonly resource: string;
  /** What Postgres counts its writes under. */
  readonly kind: Kind;
  /** For how many milliseconds reads may show the value before a write. */
  readonly staleFor: number;
  /** Whether Postgres gets the newest of several writes of a key, instead of each. */
  readonly coalesces: boolean;
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
    staleFor: 0,
    coalesces: false,
    read: (client, key) => client.get(`/products/${100 + key}`),
    write: (client, key, value) => client.put(`/products/${100 + key}`, { name: `Edition ${value}`, cents: value }),
  },
  {
    strategy: 'write-through',
    resource: 'carts',
    kind: 'cart',
    staleFor: 0,
    coalesces: false,
    read: (client, key) => client.get(`/carts/visitor-${key}`),
    write: (client, key, value) =>
      client.put(`/carts/visitor-${key}`, { items: [{ productId: 1 + value, quantity: 1 }] }),
  },
  {
    strategy: 'write-behind',
    resource: 'page views',
    kind: 'views',
    staleFor: 0,
    coalesces: true,
    read: (client, key) => client.get(`/views/page-${key}`),
    write: (client, key) => client.post(`/views/page-${key}`),
  },
  {
    strategy: 'TTL only (2 s)',
    resource: 'report',
    kind: 'order',
    staleFor: 2_000,
    coalesces: false,
    read: (client, key) => client.get(`/reports/revenue?days=${1 + key}`),
    write: (client, key) => client.post('/orders', { productId: 100 + key, quantity: 1 }),
  },
];
