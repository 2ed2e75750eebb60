import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Server, startPostgres } from '@cache/servers';
import { type Database, openDatabase } from '../src/database.ts';
import { type Service, type ServiceOptions, startService, type Stats } from '../src/service.ts';

let postgres: Server;
let database: Database;
const namespace = 'shop_test';

beforeAll(async () => {
  postgres = await startPostgres();
  database = await openDatabase({ url: postgres.url, schema: namespace });
}, 60_000);
afterAll(async () => {
  await database.close();
  await postgres.stop();
});

async function start(options: ServiceOptions = {}): Promise<Service> {
  return startService({ databaseUrl: postgres.url, namespace, ...options });
}

async function send(service: Service, method: string, path: string, body?: unknown) {
  const response = await fetch(service.url + path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = (response.headers.get('content-type') ?? '').includes('json');
  const cache = response.headers.get('cache-status');
  return { status: response.status, ...(cache && { cache }), body: json ? (JSON.parse(text) as unknown) : text };
}

describe('a running shop', () => {
  let shop: Service;
  beforeAll(async () => {
    shop = await start();
  });
  afterAll(async () => await shop.close());

  const stats = async () => (await send(shop, 'GET', '/stats')).body as Stats;

  test('asks Postgres once for a product that is read twice', async () => {
    const first = await send(shop, 'GET', '/products/1');
    const { queries } = await stats();
    const second = await send(shop, 'GET', '/products/1');

    expect(first).toEqual({ status: 200, body: { id: 1, name: 'Product 1', cents: 537, rating: 3, reviews: 10 } });
    expect(second).toEqual(first);
    expect((await stats()).queries).toEqual(queries);
  });

  test('asks Postgres once for a product that a hundred want at once', async () => {
    const before = (await stats()).queries.product ?? 0;
    const answers = await Promise.all(Array.from({ length: 100 }, () => send(shop, 'GET', '/products/2')));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect((await stats()).queries.product).toBe(before + 1);
  });

  test('shows an update of a product to the next read', async () => {
    await send(shop, 'GET', '/products/3');
    expect(await send(shop, 'PUT', '/products/3', { name: 'Teapot', cents: 1_999 })).toMatchObject({ status: 204 });
    expect(await send(shop, 'GET', '/products/3')).toMatchObject({
      status: 200,
      body: { name: 'Teapot', cents: 1_999 },
    });
  });

  test('has a cart in Postgres when it has answered', async () => {
    const items = [{ productId: 7, quantity: 2 }];
    expect(await send(shop, 'GET', '/carts/ann')).toEqual({ status: 200, body: { items: [] } });
    expect(await send(shop, 'PUT', '/carts/ann', { items })).toMatchObject({ status: 204 });
    expect(await database.query('cart', "select items from carts where id = 'ann'")).toEqual([{ items }]);
    expect(await send(shop, 'GET', '/carts/ann')).toEqual({ status: 200, body: { items } });
  });

  test('shows views of a page at once, and loses none that come at once', async () => {
    await Promise.all(Array.from({ length: 50 }, () => send(shop, 'POST', '/views/home')));
    expect(await send(shop, 'GET', '/views/home')).toEqual({ status: 200, body: { page: 'home', views: 50 } });
  });

  test('keeps a report for its time to live, whatever is ordered meanwhile', async () => {
    const before = await send(shop, 'GET', '/reports/revenue?days=365');
    expect(before).toMatchObject({ status: 200, body: { days: 365, orders: expect.any(Number) } });
    expect(await send(shop, 'POST', '/orders', { productId: 5, quantity: 1 })).toMatchObject({ status: 201 });
    expect(await send(shop, 'GET', '/reports/revenue?days=365')).toEqual(before);
  });

  test('gives a cached customer back with its methods', async () => {
    const first = await send(shop, 'GET', '/customers/1');
    const { queries } = await stats();
    const second = await send(shop, 'GET', '/customers/1');

    const body = { id: 1, name: 'Grace Hopper', email: 'grace.hopper1@example.com', initials: 'GH' };
    expect(first).toEqual({ status: 200, body });
    expect(second).toEqual(first);
    expect((await stats()).queries).toEqual(queries);
  });

  test('shows an update of a customer to the next read, without a query', async () => {
    await send(shop, 'GET', '/customers/2');
    const change = { name: 'Mary Shelley', email: 'mary@example.com' };
    const updated = await send(shop, 'PUT', '/customers/2', change);
    expect(updated).toEqual({ status: 200, body: { id: 2, ...change, initials: 'MS' } });
    const { queries } = await stats();
    expect(await send(shop, 'GET', '/customers/2')).toEqual(updated);
    expect((await stats()).queries).toEqual(queries);
  });

  test('forgets a customer who is removed', async () => {
    await send(shop, 'GET', '/customers/3');
    expect(await send(shop, 'DELETE', '/customers/3')).toMatchObject({ status: 204 });
    expect(await send(shop, 'GET', '/customers/3')).toMatchObject({ status: 404 });
    expect(await send(shop, 'DELETE', '/customers/3')).toMatchObject({ status: 404 });
  });

  test('answers with a cached report until something is ordered', async () => {
    const bestsellers = () => send(shop, 'GET', '/reports/bestsellers');
    const first = await bestsellers();
    const hit = expect.stringMatching(/^shop; hit; ttl=\d+$/);
    expect(await bestsellers()).toEqual({ ...first, cache: hit });

    await send(shop, 'POST', '/orders', { productId: 2_147_483_647, quantity: 1_000 });
    expect(await bestsellers()).toEqual({ ...first, cache: hit });

    await send(shop, 'POST', '/orders', { productId: 9, quantity: 1_000 });
    expect(await bestsellers()).toMatchObject({
      cache: 'shop; fwd=uri-miss; stored',
      body: [{ productId: 9, sold: expect.any(Number) }, {}, {}, {}, {}],
    });
  });

  test('purges the report for who has the token, and for nobody else', async () => {
    const guarded = await start({ purgeToken: 'secret' });
    const report = '/reports/bestsellers';
    await send(guarded, 'GET', report);
    expect((await send(guarded, 'GET', report)).cache).toMatch(/^shop; hit/);
    const purge = async (token: string) => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
      const response = await fetch(`${guarded.url}/cache`, { method: 'POST', headers, body: `{"urls":["${report}"]}` });
      return [response.status, await response.json()];
    };
    expect(await purge('guess')).toEqual([403, { error: 'you are not allowed to purge' }]);
    expect((await send(guarded, 'GET', report)).cache).toMatch(/^shop; hit/);
    expect(await purge('secret')).toMatchObject([200, { eviction: 'done', purged: { urls: [report] } }]);
    expect((await send(guarded, 'GET', report)).cache).toBe('shop; fwd=uri-miss; stored');
    await guarded.close();
    expect(await send(shop, 'POST', '/cache', { all: true })).toMatchObject({ status: 404 });
  });

  test.each([
    { method: 'GET', path: '/products/0' },
    { method: 'GET', path: '/products/2147483648' },
    { method: 'GET', path: '/products/teapot' },
    { method: 'GET', path: '/products/%' },
    { method: 'PUT', path: '/products/1' },
    { method: 'PUT', path: '/products/1', body: '{' },
    { method: 'PUT', path: '/products/1', body: [] },
    { method: 'PUT', path: '/products/1', body: { name: 'Teapot' } },
    { method: 'PUT', path: '/products/1', body: { name: '', cents: 1 } },
    { method: 'GET', path: '/carts/a@b' },
    { method: 'PUT', path: '/carts/ann', body: { items: [{ productId: 1, quantity: 0 }] } },
    { method: 'PUT', path: '/carts/ann', body: { items: 'all' } },
    { method: 'POST', path: `/views/${'x'.repeat(65)}` },
    { method: 'GET', path: '/reports/revenue?days=never' },
    { method: 'POST', path: '/orders', body: { productId: 1 } },
    { method: 'GET', path: '/customers/ada' },
    { method: 'PUT', path: '/customers/1', body: { name: ' ', email: 'ada@example.com' } },
    { method: 'PUT', path: '/customers/1', body: { name: 'Ada Lovelace', email: 'ada' } },
    { method: 'DELETE', path: '/customers/0' },
    { method: 'POST', path: '/session' },
    { method: 'POST', path: '/session', body: { customer: 'ada' } },
  ])('refuses $method $path $body', async ({ method, path, body }) => {
    expect(await send(shop, method, path, body)).toEqual({ status: 400, body: { error: expect.any(String) } });
  });

  test.each([
    { method: 'GET', path: '/products/2147483647' },
    { method: 'PUT', path: '/products/2147483647', body: { name: 'Teapot', cents: 1 } },
    { method: 'POST', path: '/orders', body: { productId: 2_147_483_647, quantity: 1 } },
    { method: 'GET', path: '/customers/2147483647' },
    { method: 'PUT', path: '/customers/2147483647', body: { name: 'Ada Lovelace', email: 'ada@example.com' } },
    { method: 'DELETE', path: '/customers/2147483647' },
    { method: 'POST', path: '/session', body: { customer: 2_147_483_647 } },
    { method: 'GET', path: '/nothing' },
  ])('finds nothing for $method $path', async ({ method, path, body }) => {
    expect(await send(shop, method, path, body)).toEqual({ status: 404, body: { error: expect.any(String) } });
  });
});

test('views reach Postgres when the shop closes, and two shops add up', async () => {
  const [one, two] = await Promise.all([start(), start()]);
  for (let n = 0; n < 3; n += 1) await send(one, 'POST', '/views/about');
  for (let n = 0; n < 4; n += 1) await send(two, 'POST', '/views/about');
  await Promise.all([one.close(), two.close()]);

  const sql = "select views from page_views where page = 'about'";
  expect(await database.query('views', sql)).toEqual([{ views: 7 }]);
  const three = await start();
  expect(await send(three, 'GET', '/views/about')).toMatchObject({ body: { views: 7 } });
  await three.close();
});

test('a shop whose Redis is dead answers as ever', async () => {
  const shop = await start({ redisUrl: 'redis://127.0.0.1:1' });
  expect(await send(shop, 'GET', '/products/11')).toMatchObject({ status: 200 });
  expect(await send(shop, 'PUT', '/products/11', { name: 'Teapot', cents: 1 })).toMatchObject({ status: 204 });
  expect(await send(shop, 'GET', '/products/11')).toMatchObject({ status: 200, body: { name: 'Teapot' } });
  expect(await send(shop, 'PUT', '/carts/bob', { items: [] })).toMatchObject({ status: 204 });
  expect(await send(shop, 'POST', '/views/jobs')).toMatchObject({ status: 202 });
  expect(await send(shop, 'GET', '/views/jobs')).toMatchObject({ status: 200, body: { views: 1 } });
  expect(await send(shop, 'GET', '/reports/revenue')).toMatchObject({ status: 200 });
  expect(await send(shop, 'GET', '/customers/11')).toMatchObject({ status: 200 });
  const change = { name: 'Mary Shelley', email: 'mary@example.com' };
  expect(await send(shop, 'PUT', '/customers/11', change)).toMatchObject({ status: 200 });
  expect(await send(shop, 'GET', '/customers/11')).toMatchObject({ status: 200, body: { initials: 'MS' } });
  expect(await send(shop, 'GET', '/reports/bestsellers')).toMatchObject({ status: 200 });
  expect(await send(shop, 'POST', '/orders', { productId: 12, quantity: 1_000 })).toMatchObject({ status: 201 });
  expect(await send(shop, 'GET', '/reports/bestsellers')).toMatchObject({ cache: 'shop; fwd=uri-miss; stored' });
  await shop.close();
});
