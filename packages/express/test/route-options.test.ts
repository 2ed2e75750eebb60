import { describe, expect, test } from '@jest/globals';
import { warnings } from './support/quiet.ts';
import { Origin } from './support/origin.ts';
import { versions } from './support/stage.ts';

const fresh = { headers: { 'Cache-Control': 'max-age=60' } };
const told = warnings();

describe.each(versions)('%s', (_name, framework) => {
  test('when and unless say what the cache has a part in', async () => {
    const origin = new Origin(framework, [fresh], {
      when: (req) => req.path !== '/live',
      unless: (req) => req.get('x-preview') !== undefined,
    });
    expect(await origin.reuses('/page')).toBe(true);
    expect(await origin.reuses('/live')).toBe(false);
    expect(await origin.status('/live')).toBe('shop; fwd=bypass; detail=when');
    expect(await origin.status('/page', { 'x-preview': '1' })).toBe('shop; fwd=bypass; detail=unless');
  });

  test('key adds to the key what else the response depends on', async () => {
    const origin = new Origin(framework, [fresh], { key: (req) => req.get('x-plan') });
    expect(await origin.reuses('/', { 'x-plan': 'free' })).toBe(true);
    expect(await origin.status('/', { 'x-plan': 'pro' })).toContain('uri-miss');
    expect(await origin.status('/')).toContain('uri-miss');
    expect(await origin.status('/', { 'x-plan': 'pro' })).toContain('hit');
  });

  test('vary names fields that are in every key', async () => {
    const origin = new Origin(framework, [fresh], { vary: ['X-Tenant'] });
    expect(await origin.reuses('/', { 'x-tenant': 'a' }, { 'x-tenant': ' a ' })).toBe(true);
    expect(await origin.status('/', { 'x-tenant': 'b' })).toContain('uri-miss');
    expect(await origin.status('/')).toContain('uri-miss');
  });

  test('vary says what of a field counts, in Vary of responses too', async () => {
    const varied = { headers: { ...fresh.headers, Vary: 'Accept-Language' } };
    const origin = new Origin(framework, [varied], {
      vary: { 'Accept-Language': (value) => (value?.startsWith('de') === true ? 'de' : 'en') },
    });
    expect(await origin.reuses('/', { 'accept-language': 'de-AT' }, { 'accept-language': 'de-CH, en' })).toBe(true);
    expect(await origin.reuses('/', {}, { 'accept-language': 'fr' })).toBe(true);
    expect(origin.runs).toBe(2);
  });

  test.each<[string, object]>([
    ['when', { when: fails }],
    ['unless', { unless: fails }],
    ['key', { key: fails }],
    ['key of nothing', { key: () => '' }],
    ['key that comes later', { key: () => Promise.resolve('a') }],
    ['vary', { vary: { 'x-tenant': fails } }],
  ])('a function that fails (%s) leaves requests to the handler, and is told of once', async (_what, options) => {
    const origin = new Origin(framework, [fresh], options);
    for (let time = 0; time < 2; time += 1) expect(await origin.status('/')).toBe('shop; fwd=bypass; detail=error');
    expect(told).toEqual([expect.stringMatching(/^responses are not cached, since a function of the route failed: /)]);
  });

  describe.each(['x-forwarded-host', 'x-http-method-override', 'x-original-url'])('unkeyedHeaders and %s', (name) => {
    const attack = { [name]: 'evil' };

    test('strip: the handler does not see it, and the victim gets what it would', async () => {
      const origin = new Origin(framework, [fresh], { unkeyedHeaders: 'strip' });
      await origin.fetch('/', attack);
      expect(origin.seen[0]!.headers).not.toHaveProperty(name);
      expect(await origin.status('/')).toContain('hit');
    });

    test('key: the attacker gets a response of its own', async () => {
      const origin = new Origin(framework, [fresh], { unkeyedHeaders: 'key' });
      expect(await origin.reuses('/', attack)).toBe(true);
      expect(origin.seen[0]!.headers).toHaveProperty(name);
      expect(await origin.status('/')).toContain('uri-miss');
      expect(await origin.status('/', { [name]: 'other' })).toContain('uri-miss');
    });
  });

  test('a request with a cookie is shared in strict mode', async () => {
    const origin = new Origin(framework, [fresh], { mode: 'strict' });
    expect(await origin.reuses('/', { cookie: 'a=b' }, { cookie: 'c=d' })).toBe(true);
  });
});

function fails(): never {
  throw new Error('not today');
}
