import type { Database } from './database.ts';

export interface Product {
  readonly id: number;
  readonly name: string;
  readonly cents: number;
  /** The average of its reviews, from 1 to 5 stars. */
  readonly rating: number;
  readonly reviews: number;
}

export interface Cart {
  readonly items: readonly { readonly productId: number; readonly quantity: number }[];
}

export interface CustomerRow {
  readonly id: number;
  readonly name: string;
  readonly email: string;
}

export interface Bestseller {
  readonly productId: number;
  readonly sold: number;
}

export interface Revenue {
  readonly days: number;
  readonly orders: number;
  readonly cents: number;
}

/** How often a page was seen. */
export interface PageViews {
  readonly key: string;
  readonly value: number;
}

export type Queries = ReturnType<typeof shopQueries>;

/** Everything that the shop asks of Postgres: its system of record. */
export function shopQueries(db: Database) {
  const upsertViews = (items: readonly PageViews[], views: string): Promise<unknown> =>
    db.query(
      'views',
      `insert into page_views select * from unnest($1::text[], $2::int[])
       on conflict (page) do update set views = ${views}`,
      [items.map(({ key }) => key), items.map(({ value }) => value)],
    );

  return {
    /** Deliberately slow: it joins, aggregates, and sleeps for 80 ms. */
    async product(id: number): Promise<Product | null> {
      const [product] = await db.query<Product>(
        'product',
        `select p.id, p.name, p.cents, round(avg(r.stars), 2)::float8 as rating, count(r.stars)::int as reviews
         from products p left join reviews r on r.product_id = p.id cross join pg_sleep(0.08)
         where p.id = $1 group by p.id`,
        [id],
      );
      return product ?? null;
    },

    /** Whether there is such a product to update. */
    async updateProduct(id: number, { name, cents }: Pick<Product, 'name' | 'cents'>): Promise<boolean> {
      const sql = 'update products set name = $2, cents = $3 where id = $1 returning id';
      return (await db.query('product', sql, [id, name, cents])).length > 0;
    },

    /** A cart that nobody has saved yet is empty. */
    async cart(id: string): Promise<Cart> {
      const [cart] = await db.query<Cart>('cart', 'select items from carts where id = $1', [id]);
      return cart ?? { items: [] };
    },

    async saveCart(id: string, { items }: Cart): Promise<void> {
      await db.query(
        'cart',
        'insert into carts values ($1, $2) on conflict (id) do update set items = excluded.items',
        [id, JSON.stringify(items)],
      );
    },

    async pageViews(page: string): Promise<number> {
      const [row] = await db.query<{ views: number }>('views', 'select views from page_views where page = $1', [page]);
      return row?.views ?? 0;
    },

    /** Saves a whole batch by one statement. */
    async savePageViews(items: readonly PageViews[]): Promise<void> {
      await upsertViews(items, 'excluded.views');
    },

    /** The same, on top of what is there: each process counts for itself, and all of them into one row. */
    async addPageViews(items: readonly PageViews[]): Promise<void> {
      await upsertViews(items, 'page_views.views + excluded.views');
    },

    /** Whether there is such a product to order. */
    async placeOrder(productId: number, quantity: number): Promise<boolean> {
      const sql = `insert into orders (product_id, quantity, cents)
        select id, $2::int, $2::int * cents from products where id = $1 returning id`;
      return (await db.query('order', sql, [productId, quantity])).length > 0;
    },

    /** Deliberately slow: it sleeps for 80 ms. */
    async customer(id: number): Promise<CustomerRow | null> {
      const sql = 'select id, name, email from customers, pg_sleep(0.08) where id = $1';
      const [customer] = await db.query<CustomerRow>('customer', sql, [id]);
      return customer ?? null;
    },

    /** The customer as changed, or `null` if there is none. */
    async updateCustomer(id: number, { name, email }: Omit<CustomerRow, 'id'>): Promise<CustomerRow | null> {
      const sql = 'update customers set name = $2, email = $3 where id = $1 returning id, name, email';
      const [customer] = await db.query<CustomerRow>('customer', sql, [id, name, email]);
      return customer ?? null;
    },

    /** Whether there was such a customer. */
    async removeCustomer(id: number): Promise<boolean> {
      return (await db.query('customer', 'delete from customers where id = $1 returning id', [id])).length > 0;
    },

    /** Deliberately slow: it reads all orders, and sleeps for 80 ms. */
    async bestsellers(): Promise<Bestseller[]> {
      return db.query<Bestseller>(
        'bestsellers',
        `select product_id as "productId", sum(quantity)::int as sold from orders, pg_sleep(0.08)
         group by product_id order by sold desc, product_id limit 5`,
      );
    },

    async revenue(days: number): Promise<Revenue> {
      const [revenue] = await db.query<Revenue>(
        'report',
        `select $1::int as days, count(*)::int as orders, coalesce(sum(cents), 0)::float8 as cents
         from orders where placed_at > now() - $1::int * interval '1 day'`,
        [days],
      );
      return revenue!;
    },
  };
}
