import { expect, test } from '@jest/globals';
import { memoryStore } from '@cache/core';
import { cacheResponse, evicts } from '../src/index.ts';
import { OnRedis } from './support/on-redis.ts';
import { Stage } from './support/stage.ts';

const here = new OnRedis();
const bytes = Buffer.from(Array.from({ length: 5_000 }, (_, index) => index % 256));

/** One of several processes with one app, which say who they are. */
async function instance(name: string, near = false): Promise<Stage & { host: { host: string } }> {
  const cache = await here.open({ tiers: near ? [memoryStore(), here.store()] : [here.store()] });
  const stage = Object.assign(new Stage(), { host: { host: 'shop.example' } });
  stage.app.get('/page', cacheResponse({ cache, ttl: '1m', tags: ['page'] }), (_req, res) => {
    stage.runs += 1;
    res.append('Link', '</a>').append('Link', '</b>').set('X-Made-By', name).type('image/png').send(bytes);
  });
  stage.app.get('/varied', cacheResponse({ cache, ttl: '1m', tags: ['page'] }), (req, res) => {
    stage.runs += 1;
    res.vary('Accept-Language').send(`${req.get('accept-language')} by ${name}`);
  });
  stage.app.put('/page', evicts({ cache, tags: ['page'] }), (_req, res) => void res.sendStatus(204));
  return stage;
}

test.each([false, true])(
  'what one process stores another one serves, byte for byte (memory before it: %s)',
  async (near) => {
    const [one, two] = [await instance('one', near), await instance('two', near)];
    await one.fetch('/page', one.host);
    const { headers, rawHeaders, body } = await two.fetch('/page', two.host);
    expect(headers).toMatchObject({ 'x-made-by': 'one', 'content-type': 'image/png', link: '</a>, </b>' });
    expect(rawHeaders.filter((each) => each === 'Link')).toHaveLength(2);
    expect(body.equals(bytes)).toBe(true);
    expect(headers['cache-status']).toMatch(/; hit; ttl=(59|60)$/);
    expect(await two.status('/page', two.host, 'HEAD')).toContain('hit');
    expect(two.runs).toBe(0);
  },
);

test('variants are shared too', async () => {
  const [one, two] = [await instance('one'), await instance('two')];
  const ask = async (stage: typeof one, language: string): Promise<string> =>
    String((await stage.fetch('/varied', { ...stage.host, 'accept-language': language })).body);
  expect([await ask(one, 'de'), await ask(two, 'fr')]).toEqual(['de by one', 'fr by two']);
  expect([await ask(two, 'de'), await ask(one, 'fr')]).toEqual(['de by one', 'fr by two']);
});

test('after a change in one process no other one serves what was before', async () => {
  const [one, two] = [await instance('one'), await instance('two')];
  await one.fetch('/page', one.host);
  await two.fetch('/varied', { ...two.host, 'accept-language': 'de' });
  await one.fetch('/page', one.host, 'PUT');
  expect((await two.fetch('/page', two.host)).headers['x-made-by']).toBe('two');
  expect(String((await one.fetch('/varied', { ...one.host, 'accept-language': 'de' })).body)).toBe('de by one');
});

test('of concurrent misses in two processes one runs the handler', async () => {
  const [one, two] = [await instance('one'), await instance('two')];
  const all = [one, two, one, two, one, two].map((stage) => stage.fetch('/page', stage.host));
  for (const { body } of await Promise.all(all)) expect(body.equals(bytes)).toBe(true);
  expect(one.runs + two.runs).toBe(1);
});
