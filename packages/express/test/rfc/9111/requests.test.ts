import { describe, expect, test } from '@jest/globals';
import { Origin } from '../../support/origin.ts';
import { settled, until, versions } from '../../support/stage.ts';

const page = { headers: { 'Cache-Control': 'max-age=100', ETag: '"a"' } };

describe.each(versions)('RFC 9111 §5.2.1 on %s, where a route listens to it', (_name, framework) => {
  const listening = async (age = 0): Promise<Origin> => {
    const origin = new Origin(framework, [page], { requestDirectives: true });
    await origin.fetch('/');
    await origin.clock.advance(age * 1_000);
    return origin;
  };

  test.each<[string, number, boolean]>([
    ['max-age=60', 50, true],
    ['max-age=60', 61, false],
    ['max-age=0', 1, false],
    ['min-fresh=40', 50, true],
    ['min-fresh=60', 50, false],
    ['no-cache', 0, false],
    ['no-store', 0, false],
    ['max-stale=30', 120, true],
    ['max-stale=10', 120, false],
    ['max-stale', 1_000, true],
    ['max-age=x', 1, false],
    ['nothing-to-see-here', 0, true],
  ])('%s at the age of %d: from the cache is %s', async (value, age, cached) => {
    const origin = await listening(age);
    await origin.fetch('/', { 'cache-control': value });
    expect(origin.runs).toBe(cached ? 1 : 2);
  });

  test('no-cache validates what is fresh, and what comes of it is for all', async () => {
    const origin = await listening();
    origin.answering({ status: 304, headers: { 'X-Seen': 'yes' } });
    expect(await origin.body('/', { 'cache-control': 'no-cache' })).toBe('run 1');
    expect(origin.seen[1]!.headers['if-none-match']).toBe('"a"');
    await settled();
    expect((await origin.fetch('/')).headers['x-seen']).toBe('yes');
  });

  test('who says no-cache is not given what was asked for before', async () => {
    const origin = new Origin(framework, [page], { requestDirectives: true });
    const waiting: ((text: string) => void)[] = [];
    origin.answering({ act: (_req, res) => waiting.push((text) => res.set(page.headers).send(text)) });
    const first = origin.fetch('/');
    await until(() => waiting.length === 1);
    const second = origin.fetch('/', { 'cache-control': 'no-cache' });
    await settled();
    waiting[0]!('before');
    await until(() => waiting.length === 2);
    waiting[1]!('after');
    expect([String((await first).body), String((await second).body)]).toEqual(['before', 'after']);
  });

  test('only-if-cached is answered with 504 where nothing is (§5.2.1.7)', async () => {
    const origin = await listening();
    expect((await origin.fetch('/', { 'cache-control': 'only-if-cached' })).status).toBe(200);
    const answer = await origin.fetch('/other', { 'cache-control': 'only-if-cached' });
    expect([answer.status, answer.headers['cache-status'], origin.runs]).toEqual([
      504,
      'shop; detail=only-if-cached',
      1,
    ]);
  });

  test('Pragma: no-cache counts where there is no Cache-Control (§5.4)', async () => {
    const origin = await listening();
    await origin.fetch('/', { pragma: 'no-cache', 'cache-control': 'x' });
    expect(origin.runs).toBe(1);
    await origin.fetch('/', { pragma: 'no-cache' });
    expect(origin.runs).toBe(2);
  });

  test('max-stale does not overrule must-revalidate', async () => {
    const strict = { headers: { 'Cache-Control': 'max-age=100, must-revalidate' } };
    const origin = new Origin(framework, [strict], { requestDirectives: true });
    await origin.fetch('/');
    await origin.clock.advance(101_000);
    expect(await origin.body('/', { 'cache-control': 'max-stale=1000' })).toBe('run 2');
  });

  test.each(['no-cache', 'no-store', 'max-age=0', 'only-if-cached'])(
    'else %s is ignored: anybody could send it',
    async (value) => {
      const origin = new Origin(framework, [page]);
      await origin.fetch('/');
      expect(await origin.status('/', { 'cache-control': value, pragma: 'no-cache' })).toBe('shop; hit; ttl=100');
    },
  );
});
