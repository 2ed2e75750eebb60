import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from '@jest/globals';
import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import {
  findChromium,
  freePort,
  type RedisServer,
  type Server,
  startPostgres,
  startRedis,
  waitUntil,
} from '@cache/servers';
import { type Browser, type BrowserContext, chromium, type Page, type Response } from 'playwright-core';

const shop = join(__dirname, '..');
const tsc = join(shop, '..', '..', 'node_modules', '.bin', 'tsc');

let postgres: Server;
let redis: RedisServer;
let browser: Browser;
let service: ChildProcess;
let url: string;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  const { status, stdout } = spawnSync(tsc, ['-b', shop], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stdout);
  [postgres, redis, browser, url] = await Promise.all([
    startPostgres(),
    startRedis(),
    findChromium().then(({ args, ...found }) => chromium.launch({ ...found, args: [...args] })),
    freePort().then((port) => `http://127.0.0.1:${port}`),
  ]);
  service = await start();
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await kill();
  await Promise.all([redis?.stop(), postgres?.stop()]);
});
beforeEach(async () => {
  await redis.command('FLUSHALL');
  context = await browser.newContext();
  page = await context.newPage();
});
afterEach(() => context.close());

/** Starts a process of the shop. */
async function start(): Promise<ChildProcess> {
  const settings = {
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    SESSION_SECRET: 'of the shop',
    PURGE_TOKEN: 'of its owner',
  };
  const child = fork(join(shop, 'dist', 'main.js'), { env: { ...process.env, ...settings, PORT: new URL(url).port } });
  await once(child, 'message');
  return child;
}

async function kill(): Promise<void> {
  if (service === undefined || service.exitCode !== null) return;
  const ended = once(service, 'exit');
  service.kill('SIGKILL');
  await ended;
}

/** What a script of a page of the shop gets. */
async function ask(method: string, path: string, body?: object) {
  return page.evaluate(
    async ({ method, path, body }) => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
      return { status: response.status, headers: Object.fromEntries(response.headers), text: await response.text() };
    },
    { method, path, body },
  );
}

const fields = async (response: Response | null) => (await response?.allHeaders()) ?? {};

test('a page comes from the cache with its Age, and is not sent again to who has it', async () => {
  const first = await page.goto(`${url}/reports/bestsellers`);
  expect([first?.status(), (await fields(first))['cache-status']]).toEqual([200, 'shop; fwd=uri-miss; stored']);

  const other = await browser.newContext();
  const hit = await (await other.newPage()).goto(`${url}/reports/bestsellers`);
  expect(await fields(hit)).toMatchObject({
    age: expect.stringMatching(/^\d+$/),
    'cache-status': expect.stringContaining('hit'),
  });
  await other.close();

  // As it came over the wire: to the page a 304 is the 200 that it had.
  const wire = await context.newCDPSession(page);
  await wire.send('Network.enable');
  const came = new Promise<{ statusCode: number; headers: Record<string, string> }>((resolve) => {
    wire.on('Network.responseReceivedExtraInfo', resolve);
  });
  expect((await page.reload())?.status()).toBe(200);
  const { statusCode, headers } = await came;
  expect([statusCode, headers]).toEqual([304, expect.objectContaining({ Age: expect.stringMatching(/^\d+$/) })]);
  expect(await page.textContent('body')).toContain('productId');
});

test('who has signed in stays so when the shop is killed and started again, until they sign out', async () => {
  await page.goto(`${url}/products/1`);
  expect(await ask('GET', '/session')).toMatchObject({ status: 401 });
  expect(await ask('POST', '/session', { customer: 1 })).toMatchObject({ status: 201 });
  const [cookie] = await context.cookies();
  expect(cookie).toMatchObject({ name: 'shop.session', httpOnly: true, sameSite: 'Lax' });

  await kill();
  service = await start();
  expect(await ask('GET', '/session')).toMatchObject({ status: 200, text: '{"customer":1}' });

  expect(await ask('DELETE', '/session')).toMatchObject({ status: 204 });
  await context.addCookies([cookie!]);
  expect(await ask('GET', '/session')).toMatchObject({ status: 401 });
});

test('who has signed in is given the same page as everybody', async () => {
  await page.goto(`${url}/reports/bestsellers`);
  await ask('POST', '/session', { customer: 1 });
  expect((await ask('GET', '/reports/bestsellers')).headers['cache-status']).toContain('hit');
});

test('a purge takes effect with the next page, and a page of the shop cannot ask for it', async () => {
  const cacheStatus = async () => (await fields(await page.goto(`${url}/reports/bestsellers`)))['cache-status'];
  await cacheStatus();
  expect(await cacheStatus()).toContain('hit');

  const bestsellers = { urls: ['/reports/bestsellers'] };
  expect(await ask('POST', '/cache', bestsellers)).toMatchObject({ status: 403 });
  expect(await cacheStatus()).toContain('hit');

  const headers = { authorization: 'Bearer of its owner', 'content-type': 'application/json' };
  const purged = await fetch(`${url}/cache`, { method: 'POST', headers, body: JSON.stringify(bestsellers) });
  expect([purged.status, await purged.json()]).toMatchObject([200, { eviction: 'done', purged: bestsellers }]);
  expect(await cacheStatus()).toContain('fwd=');
});

test('nobody is signed out while Redis is frozen', async () => {
  await page.goto(`${url}/products/1`);
  await ask('POST', '/session', { customer: 1 });
  await redis.freeze();
  const during = await ask('GET', '/session');
  await redis.thaw();
  expect(during).toMatchObject({ status: 503 });
  await waitUntil('the shop uses Redis again', async () => (await ask('GET', '/session')).status === 200);
});

test('who tries too often is told to wait, and by whom', async () => {
  await page.goto(`${url}/products/1`);
  const statuses = [];
  for (let time = 0; time < 5; time += 1) statuses.push((await ask('POST', '/session', { customer: 2 })).status);
  expect(statuses).toEqual([201, 201, 201, 201, 201]);
  const { status, headers, text } = await ask('POST', '/session', { customer: 2 });
  expect({ status, text }).toEqual({ status: 429, text: expect.stringContaining('too many attempts') });
  expect(Number(headers['retry-after'])).toBeGreaterThan(50);
  expect(headers['ratelimit-policy']).toContain('"address";q=50;w=600, "customer";q=5;w=60');
  expect(headers['ratelimit']).toMatch(/"300-in-1min"; r=\d+; t=\d+, "address";r=45;t=\d+, "customer";r=0;t=\d+/);
  expect(await ask('POST', '/session', { customer: 3 })).toMatchObject({ status: 201 });
});
