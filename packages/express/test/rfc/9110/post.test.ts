import { describe, expect, test } from '@jest/globals';
import { Origin } from '../../support/origin.ts';
import { settled, versions } from '../../support/stage.ts';

describe.each(versions)('RFC 9110 §9.3.3 on %s', (_name, framework) => {
  const own = { headers: { 'Cache-Control': 'max-age=60', 'Content-Location': '/a' } };
  const posted = async (reply: object, mode: 'safe' | 'strict'): Promise<string> => {
    const origin = new Origin(framework, [reply], { mode });
    await origin.fetch('/a', { 'if-match': '"x"' }, 'POST');
    expect(origin.seen[0]!.headers['if-match']).toBe('"x"');
    await settled();
    return origin.status('/a');
  };

  test('the answer to a POST that says what its target is now is kept for GET, in strict mode', async () => {
    expect(await posted(own, 'strict')).toBe('shop; hit; ttl=60');
  });

  test.each<[string, object, 'safe' | 'strict']>([
    ['in safe mode', own, 'safe'],
    ['without Content-Location', { headers: { 'Cache-Control': 'max-age=60' } }, 'strict'],
    ['of another URL', { headers: { ...own.headers, 'Content-Location': '/b' } }, 'strict'],
    ['of another origin', { headers: { ...own.headers, 'Content-Location': 'http://evil.example/a' } }, 'strict'],
    ['without freshness', { headers: { 'Content-Location': '/a' } }, 'strict'],
    ['with another status', { ...own, status: 201 }, 'strict'],
    ['that forbids it', { headers: { ...own.headers, 'Cache-Control': 'max-age=60, no-store' } }, 'strict'],
  ])('not one %s', async (_what, reply, mode) => {
    expect(await posted(reply, mode)).toContain('fwd=uri-miss');
  });

  test('it takes the place of what was stored', async () => {
    const origin = new Origin(framework, [own], { mode: 'strict' });
    await origin.fetch('/a');
    expect(await origin.status('/a', {}, 'POST')).toBe('shop; fwd=method; stored');
    await settled();
    expect(await origin.body('/a')).toBe('run 2');
  });
});
