import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Cache } from '@cache/core';
import type { SessionData } from 'express-session';
import request from 'supertest';
import { sessionFor, Site } from './site.ts';

/** What a cache to keep sessions in, and its time, are. */
export interface Place {
  readonly cache: Cache;
  elapse(ms: number): Promise<unknown>;
}

/** The tests that sessions pass wherever they are kept. */
export function sessionsIn(open: () => Promise<Place>): void {
  let place: Place;
  let site: Site;
  beforeEach(async () => {
    place = await open();
    site = new Site(place.cache);
  });
  afterEach(() => place.cache.close());

  test('who has logged in is known until they log out', async () => {
    const browser = request.agent(site.app);
    await browser.get('/me').expect(200, 'nobody');
    await browser.post('/login/ann').expect(200);
    await browser.get('/me').expect(200, 'ann');
    await browser.post('/logout').expect(200, 'bye');
    await browser.get('/me').expect(200, 'nobody');
    expect(await site.length()).toBe(0);
  });

  test('each browser has a session of its own', async () => {
    const [ann, ben] = [request.agent(site.app), request.agent(site.app)];
    await ann.post('/login/ann');
    await ben.post('/login/ben');
    await ann.post('/logout');
    await ben.get('/me').expect(200, 'ben');
    const [left, ...others] = await site.all();
    expect([left, others]).toMatchObject([{ id: expect.any(String), user: 'ben' }, []]);
  });

  test('a session that one request destroys is not brought back by another that changes it', async () => {
    const browser = request.agent(site.app);
    await browser.post('/login/ann');
    const slow = browser.post('/slow').then(({ text }) => text);
    await site.gate.arrived;
    await browser.post('/logout').expect(200);
    site.gate.open();
    expect(await slow).toBe('done');
    expect(await site.length()).toBe(0);
    await browser.get('/me').expect(200, 'nobody');
  });

  test('nor by one that only touches it', async () => {
    const browser = request.agent(site.app);
    await browser.post('/login/ann');
    const slow = browser.get('/slow').then(({ text }) => text);
    await site.gate.arrived;
    await browser.post('/logout').expect(200);
    site.gate.open();
    expect(await slow).toBe('read');
    expect(await site.length()).toBe(0);
  });

  test('a session lives on from each request to the next', async () => {
    const slidingSite = new Site(place.cache, { ttl: 2_000 });
    const browser = request.agent(slidingSite.app);
    await browser.post('/login/ann');
    for (let time = 0; time < 2; time += 1) {
      await place.elapse(1_200);
      await browser.get('/me').expect(200, 'ann');
    }
    await place.elapse(2_200);
    await browser.get('/me').expect(200, 'nobody');
  });

  test('a cookie says for how long, before the store does', async () => {
    await site.set('brief', sessionFor('ann', 150));
    await site.set('lasting', sessionFor('ben'));
    await place.elapse(250);
    expect([await site.get('brief'), (await site.get('lasting'))?.user]).toEqual([null, 'ben']);
  });

  test.each([
    ['a date', { expires: new Date(Date.now() - 1_000) }],
    ['a date as text', { expires: new Date(Date.now() - 1_000).toISOString() }],
    ['an age', { maxAge: -5 }],
    ['the age it was given', { originalMaxAge: 0, expires: new Date(Date.now() + 60_000) }],
  ])('a session whose cookie is over by %s is deleted when it is set or touched', async (_, cookie) => {
    const over = { cookie } as unknown as SessionData;
    await site.set('a', sessionFor('ann'));
    await site.set('a', over);
    await site.set('b', sessionFor('ann'));
    await site.touch('b', over);
    expect([await site.get('a'), await site.get('b'), await site.length()]).toEqual([null, null, 0]);
  });

  test.each([Infinity, NaN, 1e300])('a cookie of %p milliseconds is one without an end', async (maxAge) => {
    const session = sessionFor('ann');
    Object.assign(session.cookie, { _expires: new Date(maxAge), originalMaxAge: maxAge });
    await site.set('a', session);
    expect(await site.get('a')).not.toBeNull();
  });

  test('a session that was saved by a machine whose clock is an hour behind is not over', async () => {
    const behind = sessionFor('ann', 60_000);
    Object.assign(behind.cookie, { _expires: new Date(Date.now() - 3_600_000) });
    await site.set('a', behind);
    expect((await site.get('a'))?.user).toBe('ann');
  });

  test('ids of any characters and length are told apart, and told', async () => {
    const ids = ['', '*', 'a\r\nSET x', '../..', '{a}', '\uD800', '\uD801', '\0', '__proto__', 'x'.repeat(50_000)];
    for (const id of ids) await site.set(id, sessionFor(id));
    expect(await Promise.all(ids.map(async (id) => (await site.get(id))?.user))).toEqual(ids);
    expect((await site.all()).map(({ id }) => String(id)).sort()).toEqual([...ids].sort());
    await site.destroy('*');
    expect(await site.length()).toBe(ids.length - 1);
  });

  test('a session with a field __proto__ changes nobody', async () => {
    const hostile = JSON.parse('{"cookie":{},"__proto__":{"admin":true}}') as SessionData;
    await site.set('a', hostile);
    const found = await site.get('a');
    expect((found as { admin?: boolean }).admin).toBeUndefined();
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
    await site.all();
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  test('what is no session, or too large, is refused, and what was there stays', async () => {
    await site.set('a', sessionFor('ann'));
    const circular = sessionFor('ben') as SessionData & { self?: unknown };
    circular.self = circular;
    await expect(site.set('a', circular)).rejects.toThrow(/circular/);
    await expect(site.set('a', sessionFor('x'.repeat(9 * 2 ** 20)))).rejects.toMatchObject({
      code: 'UNSTORABLE_VALUE',
    });
    expect((await site.get('a'))?.user).toBe('ann');
  });

  test('all sessions can be ended at once, and those of another name are not', async () => {
    const other = new Site(place.cache, { name: 'admin' });
    await site.set('a', sessionFor('ann'));
    await other.set('a', sessionFor('ben'));
    await site.clear();
    expect([await site.length(), (await other.get('a'))?.user]).toEqual([0, 'ben']);
  });

  test('a second save of a new session does not bring it back either', async () => {
    const fresh = sessionFor('ann');
    await site.set('a', fresh);
    await site.destroy('a');
    await site.set('a', fresh);
    expect(await site.get('a')).toBeNull();
    await site.set('a', sessionFor('ann'));
    expect(await site.get('a')).not.toBeNull();
  });

  test('once the cache is closed there is an error, and no log-out', async () => {
    const closing = await open();
    const closed = new Site(closing.cache);
    await closing.cache.close();
    await expect(closed.get('a')).rejects.toMatchObject({ code: 'CLOSED', status: 503 });
  });
}
