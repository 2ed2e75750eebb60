import type { Database } from './database.ts';

/** Creates the tables of the shop and fills them, unless they are there. Several processes may do so at once. */
export async function createShopTables(db: Database, schema: string): Promise<void> {
  await db.script(`
    select pg_advisory_xact_lock(hashtext('${schema}'));
    create schema if not exists ${schema};

    create table if not exists products (
      id int primary key, name text not null, cents int not null check (cents >= 0));
    create table if not exists reviews (
      product_id int not null references products, reviewer int not null, stars int not null,
      primary key (product_id, reviewer));
    create table if not exists orders (
      id bigint generated always as identity primary key,
      product_id int not null references products, quantity int not null, cents int not null,
      placed_at timestamptz not null default now());
    create table if not exists carts (
      id text primary key, items jsonb not null);
    create table if not exists page_views (
      page text primary key, views int not null);
    create table if not exists customers (
      id int primary key, name text not null, email text not null);

    insert into products
      select id, 'Product ' || id, 500 + id * 37 % 9000 from generate_series(1, 2000) id
      where not exists (select from products);
    insert into reviews
      select id, reviewer, 1 + (id * 7 + reviewer * 13) % 5 from products, generate_series(1, 10) reviewer
      where not exists (select from reviews);
    insert into orders (product_id, quantity, cents, placed_at)
      select 1 + n % 2000, 1 + n % 3, 500 + n % 9000, now() - n % 365 * interval '1 day'
      from generate_series(1, 5000) n
      where not exists (select from orders);
    insert into customers
      select id, first || ' ' || last, lower(first) || '.' || lower(last) || id || '@example.com'
      from generate_series(1, 500) id,
        lateral (select (array['Ada', 'Grace', 'Alan', 'Barbara'])[1 + id % 4] as first,
          (array['Lovelace', 'Hopper', 'Turing', 'Liskov', 'Dijkstra'])[1 + id % 5] as last) names
      where not exists (select from customers);
  `);
}
